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
  /** Calls that AWS refused by a policy: a grant is missing, or a key or bucket was closed to us. */
  'AccessDenied',
  /** The registry could not be read and the last good catalog stays in use. */
  'CatalogStale',
  'CatalogRegistered',
  /** Documents that the registrar refused, such as a version that is there with other content. */
  'CatalogRefused',
  /** Times that the catalog was lost with its copy, and built again from what the deployment brought alone. */
  'CatalogRebuilt',
  /** Lists that could not be read: an older version stood in, or the rules that ask them had no answer. */
  'ListsStale',
  /** Lists of persons that have no token under the newest key. */
  'ListsLackingKeys',
  /** Runs that could not bring entries of the audit log to its bucket. */
  'AuditUndelivered',
  /** Events that passed a door, however they end: by file, by batch and by single request. */
  'EventsAccepted',
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
  /** New decisions, and those of them that were made without something. */
  'DecisionsMade',
  'DecisionsDegraded',
  /** Events whose personal originals could not be sealed, and are kept nowhere. */
  'OriginalsUnsealed',
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
  /** Records of a table's stream that are to be delivered again. */
  'StreamRecordsReturned',
  /** Events that the bus has taken, and items that no event can be made of. */
  'EventsPublished',
  'EventsUnpublishable',
  /** Changes that were brought to the lake, and rows of its tables: each change becomes one row. */
  'LakeRecordsLanded',
  'LakeRows',
  /** Changes that were landed more than once and are one row all the same. */
  'LakeRowsRepeated',
  /** Changes that no row can be made of. */
  'LakeRowsRejected',
  /** Looks at changes that have waited for hours to become rows. */
  'LakeOverdue',
  /** Runs of the canary, and its doors that did not do as expected. */
  'CanaryRuns',
  'CanaryFailed',
  /** Runs of the reconciler that came to their end, and files that it found in balance with the stores. */
  'ReconcilerRuns',
  'FilesReconciled',
  /** Files, or chunks of theirs, whose counts are not what the stores say. */
  'ReconcilerImbalances',
  /** Looks at files that have not moved for too long, and messages sent to make them move. */
  'FilesStale',
  'FilesRedriven',
] as const;
export type CountMetric = (typeof COUNT_METRICS)[number];

/** Things that are measured in milliseconds. */
export const DURATION_METRICS = [
  'DecisionMs',
  'MemberMs',
  'StoreMs',
  'QueueAgeMs',
  'FileMs',
  'LakeLagMs',
  'CanaryApiMs',
  'CanaryFileMs',
] as const;
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
