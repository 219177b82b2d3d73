/** Things that are counted. The list is closed, so that every alarm and every panel has a name to refer to. */
export const COUNT_METRICS = [
  /** Calls, messages and scheduled runs that failed for a reason nobody expected. */
  'Faults',
  /** Messages given back to their queue, to be delivered again. */
  'MessagesReturned',
  /** Messages whose body is not what the queue carries. */
  'MessagesMalformed',
  /** Second and further tries of a call to AWS, and tries that the retry budget forbade. */
  'AwsRetries',
  'AwsRetriesForbidden',
  /** The registry could not be read and the last good catalog stays in use. */
  'CatalogStale',
  'CatalogRegistered',
  /** Documents that the registrar refused, such as a version that is there with other content. */
  'CatalogRefused',
  'EventsDecided',
  'EventsDuplicate',
  'EventsConflict',
  'RowsQuarantined',
  'RowsDead',
  'FilesCompleted',
  'FilesQuarantined',
  /** Complete files whose rows do not add up: a fault, and never expected. */
  'FilesImbalanced',
  /** Looks at files that have waited for their chunks for more than an hour. */
  'FilesOverdue',
  /** Results of a chunk that were not there when its file was joined. */
  'ResultsMissing',
  /** Chunks that came back from a dead-letter queue to be settled, and messages there that are no chunk. */
  'DeadLetters',
  'DeadLettersUnreadable',
  /** `s3:TestEvent` and other notifications that name no object. */
  'NotificationsIgnored',
  'DecisionsDegraded',
  /** Outcomes of new decisions: the three usual ones, and all that a team has named itself. */
  'OutcomesApprove',
  'OutcomesReview',
  'OutcomesDecline',
  'OutcomesOther',
  /** Decisions answered before they were durable, and how they ended. */
  'DecisionsPending',
  'DecisionsRival',
  'MemberFailures',
  'BreakersOpened',
  'FeedbackRecorded',
  'FeedbackRepeated',
] as const;
export type CountMetric = (typeof COUNT_METRICS)[number];

/** Things that are measured in milliseconds. */
export const DURATION_METRICS = ['DecisionMs', 'MemberMs', 'StoreMs', 'QueueAgeMs', 'FileMs'] as const;
export type DurationMetric = (typeof DURATION_METRICS)[number];

/** Takes figures for the service's dashboards and alarms. Never throws. */
export interface Metrics {
  /** Adds to a count. @param value - 1 unless told. */
  count(name: CountMetric, value?: number): void;
  duration(name: DurationMetric, milliseconds: number): void;
}

/** What a log line may say beside its message: names, ids of files and requests, counts; never a personal value. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes log lines, each with the request's id and correlation id. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** @param error - logged by name, code, place and a message without digits that could be a card's. */
  error(message: string, error: unknown, fields?: LogFields): void;
}
