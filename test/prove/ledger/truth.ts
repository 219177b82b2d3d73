import { FeedbackTruth } from './feedback.ts';
import { contentOf, type Sample, type SampleType } from './samples.ts';

/** A file as it was sent. Rows are numbered from 1. */
export interface SentFile {
  readonly key: string;
  readonly versionId: string;
  readonly eventType: SampleType;
  readonly samples: readonly Sample[];
}

/** A batch sent by API: a file without an object. Rows are those that the answer called accepted or rejected. */
export interface SentBatch {
  readonly fileId: string;
  readonly eventType: SampleType;
  readonly samples: readonly Sample[];
  /** Rows that were not taken: their sender knows. */
  readonly unavailable: ReadonlySet<number>;
}

/** One request for a decision, and what came back; no status when nothing did. */
export interface SentRequest {
  readonly sample: Sample;
  readonly status: number | undefined;
  readonly answer?: unknown;
}

/** One sending of one event. */
export interface Sending {
  readonly sample: Sample;
  readonly content: string;
  readonly from: { readonly file: SentFile | SentBatch; readonly row: number } | { readonly request: SentRequest };
}

/**
 * What was sent, kept apart from everything that the product knows: what it says happened is held against this.
 */
export class Truth {
  readonly files: SentFile[] = [];
  readonly batches: SentBatch[] = [];
  readonly requests: SentRequest[] = [];
  readonly feedback = new FeedbackTruth();

  /** Events sent, well-formed or not, in files and by API. */
  get sent(): number {
    const rows = [...this.files, ...this.batches].reduce((sum, { samples }) => sum + samples.length, 0);
    return rows + this.requests.length;
  }

  /** Well-formed events that left no doubt that they were taken, by type and id. */
  sendings(): ReadonlyMap<string, readonly Sending[]> {
    const all = new Map<string, Sending[]>();
    const add = (sending: Sending): void => {
      const key = keyOf(sending.sample);
      const known = all.get(key);
      if (known) known.push(sending);
      else all.set(key, [sending]);
    };
    for (const file of [...this.files, ...this.batches]) {
      const unavailable = 'unavailable' in file ? file.unavailable : undefined;
      for (const [index, sample] of file.samples.entries()) {
        if (sample.defect !== undefined || unavailable?.has(index + 1)) continue;
        add({ sample, content: contentOf(sample), from: { file, row: index + 1 } });
      }
    }
    for (const request of this.requests) {
      if (request.sample.defect !== undefined) continue;
      add({ sample: request.sample, content: contentOf(request.sample), from: { request } });
    }
    return all;
  }
}

/** Type and id of an event as one text. */
export const keyOf = ({ eventType, eventId }: Pick<Sample, 'eventType' | 'eventId'>): string =>
  `${eventType} ${eventId}`;
