/** A column of the lake. Text columns named `…_json` hold JSON. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'int' | 'double' | 'timestamp';
  /** False: every row has a value. */
  readonly optional: boolean;
}

const required = (name: string, type: Column['type'] = 'string'): Column => ({ name, type, optional: false });
const optional = (name: string, type: Column['type'] = 'string'): Column => ({ name, type, optional: true });

/** Where a row's event entered: of a file, its id and row; of a call, its request. */
const ORIGIN = [optional('file_id'), optional('file_row', 'int'), optional('request_id')];

/**
 * The tables of the lake with their columns, beside those that are in the path: `event_type`, and date and hour of the
 * commit. A column is never renamed, retyped or taken away, since older files keep it; new ones are optional. A test
 * holds the definitions of the deployment's Glue tables to these.
 */
export const LAKE_TABLES = {
  events: [
    required('event_id'),
    required('occurred_at', 'timestamp'),
    required('committed_at', 'timestamp'),
    required('content_hash'),
    ...ORIGIN,
    required('entities_json'),
    required('variables_json'),
  ],
  decisions: [
    required('event_id'),
    required('detector'),
    required('detector_version', 'int'),
    required('event_type_version', 'int'),
    required('occurred_at', 'timestamp'),
    required('decided_at', 'timestamp'),
    required('committed_at', 'timestamp'),
    optional('outcome'),
    required('outcomes_json'),
    optional('score', 'int'),
    optional('probability', 'double'),
    required('rung'),
    required('degraded', 'int'),
    ...ORIGIN,
    required('content_hash'),
    required('snapshot'),
    required('entities_json'),
    required('variables_json'),
    required('features_json'),
    required('members_json'),
    required('lists_json'),
    required('rules_json'),
    required('record_json'),
  ],
  feedback: [
    required('feedback_id'),
    required('event_id'),
    required('kind'),
    required('value'),
    required('source'),
    optional('happened_at', 'timestamp'),
    required('said_at', 'timestamp'),
    required('received_at', 'timestamp'),
    required('committed_at', 'timestamp'),
    ...ORIGIN,
    required('record_json'),
  ],
} as const satisfies Readonly<Record<string, readonly Column[]>>;

export type LakeTable = keyof typeof LAKE_TABLES;

/** Names of the tables. */
export const LAKE_TABLE_NAMES = ['events', 'decisions', 'feedback'] as const satisfies readonly LakeTable[];

/** A row by its columns' names; null where there is no value. Times are dates. */
export type Row = Readonly<Record<string, string | number | Date | null>>;

/** Where rows lie: a table, an event type and an hour of commit, `2026-11-22T09`. */
export interface Partition {
  readonly table: LakeTable;
  readonly eventType: string;
  readonly hour: string;
}

/** The hour of an instant, as partitions and folders are named by it: `2026-11-22T09`, UTC. */
export const hourOf = (ms: number): string => new Date(ms).toISOString().slice(0, 13);

/** Folder of a partition, in the way that Hive, Athena, pandas and Spark read: `name=value`. */
export const folderOf = ({ table, eventType, hour }: Partition): string =>
  `${table}/event_type=${eventType}/dt=${hour.slice(0, 10)}/hh=${hour.slice(11)}/`;

/** The partition that an object of the tables lies in, undefined for other objects. */
export const partitionOf = (key: string): Partition | undefined => {
  const parts = /^(events|decisions|feedback)\/event_type=([^/]+)\/dt=([\d-]{10})\/hh=(\d\d)\//.exec(key);
  if (!parts) return undefined;
  const [, table, eventType = '', date, hour] = parts;
  return { table: table as LakeTable, eventType, hour: `${date}T${hour}` };
};
