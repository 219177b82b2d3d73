/** What is said of a component, and of its fields. */
export interface Description {
  readonly description: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Sentences for readers of the API, by component. */
export const DESCRIPTIONS: Readonly<Record<string, Description>> = {
  Event: {
    description:
      "An event in Assay's own form, in Amazon Fraud Detector's, or flat, with the names of the columns of files. What else it must hold is up to its event type.",
  },
  DecideAnswer: { description: 'The decisions on one event.' },
  Decision: {
    description: 'The durable record of one event judged by one detector, as far as callers see it.',
    fields: {
      version: "Version of the detector; a version's content never changes.",
      outcomes: 'What the rules say to do, such as approve, review or decline.',
      score:
        '0 to 1000, a fixed function of the false-positive rate: 900 is 2 %, 950 is 1 %, 975 is 0.5 %. Absent without a model that answered, or without a reference.',
      probability: '0 to 1, calibrated. Absent without a model that answered.',
      reasons: 'Rules that matched, each with a sentence for a person.',
      rung: 'How much of the ensemble answered, from full down to the fallback outcome.',
      degraded: 'What was missing, why, and the milliseconds spent on it.',
      recorded: 'Whether the decision is durable already; pending ones are recorded from a queue.',
      explanation: 'All that the decision was made from; only when asked for.',
    },
  },
  Explanation: { description: 'What a decision was made from.' },
  Feedback: {
    description: 'One thing that was said of an event.',
    fields: {
      feedbackId: 'Hash of all that was said, so that saying it again is recognised.',
      kind: 'label: what it turned out to be; action: what was really done with it.',
      saidAt: 'When it was said; a label counts from then on.',
    },
  },
  File: {
    description: 'How a file, or a batch sent by API, stands.',
    fields: {
      key: 'Key of the object in the inbox; absent for a batch.',
      rows: 'Rows read so far.',
      counts: 'How rows ended. Once complete they add up to the rows.',
      reason: 'Why the whole file is in quarantine.',
      problem: 'What to do about it.',
      imbalance: 'Rows that did not end, or below zero ended twice: a fault of Assay.',
      resultsKey: 'Object in the results bucket with the end of every row.',
      rejectsKey: 'Object in the results bucket with every row in quarantine.',
    },
  },
  Problem: {
    description: 'An error, after RFC 9457. It never repeats a value of the request.',
    fields: {
      code: 'What programs go by; the list is closed.',
      detail: 'What is wrong, and what to do about it.',
      requestId: 'What to name when reporting it.',
      fields: 'The fields at fault, twenty at most.',
    },
  },
  RowProblem: {
    description: 'One thing that is wrong with an event or an entry, with a code to count by.',
  },
};
