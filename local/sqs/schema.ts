/**
 * Contents stand apart from a message's state, which changes with every receive. `free_ms` is when a group of a FIFO
 * queue can next give out its head: the clock of its last message in flight, or of a delay.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS queues (
    name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, modified_ms INTEGER NOT NULL, settings TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS contents (
    id INTEGER PRIMARY KEY, body TEXT NOT NULL, attributes TEXT NOT NULL, system_attributes TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL, content INTEGER NOT NULL,
    sender TEXT NOT NULL, sent_ms INTEGER NOT NULL, retained_from_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL,
    group_id TEXT, deduplication_id TEXT, source_arn TEXT,
    receives INTEGER NOT NULL DEFAULT 0, first_received_ms INTEGER, received_ms INTEGER, receipt TEXT);
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_ms);
  CREATE INDEX IF NOT EXISTS messages_by_age ON messages (queue, retained_from_ms);
  CREATE INDEX IF NOT EXISTS messages_by_group ON messages (queue, group_id, sequence) WHERE group_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS messages_in_flight ON messages (queue, group_id, visible_ms)
    WHERE group_id IS NOT NULL AND receipt IS NOT NULL;
  CREATE TABLE IF NOT EXISTS groups (
    queue TEXT NOT NULL, id TEXT NOT NULL, free_ms INTEGER NOT NULL, head INTEGER NOT NULL, PRIMARY KEY (queue, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS groups_by_turn ON groups (queue, free_ms, head);
  CREATE TABLE IF NOT EXISTS deduplication (
    queue TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, message_id TEXT NOT NULL, sequence INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL, PRIMARY KEY (queue, scope, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS deduplication_by_age ON deduplication (expires_ms);
  CREATE TABLE IF NOT EXISTS move_tasks (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, destination TEXT, rate INTEGER, status TEXT NOT NULL,
    started_ms INTEGER NOT NULL, to_move INTEGER NOT NULL, moved INTEGER NOT NULL DEFAULT 0, failure TEXT
  ) WITHOUT ROWID;
`;

/** A message's state, without its contents. */
export interface MessageRow {
  readonly sequence: number;
  readonly queue: string;
  readonly id: string;
  readonly content: number;
  readonly sender: string;
  readonly sent_ms: number;
  readonly retained_from_ms: number;
  readonly visible_ms: number;
  readonly group_id: string | null;
  readonly deduplication_id: string | null;
  readonly source_arn: string | null;
  readonly receives: number;
  readonly first_received_ms: number | null;
  readonly received_ms: number | null;
  readonly receipt: string | null;
}

export interface ContentRow {
  readonly body: string;
  readonly attributes: string;
  readonly system_attributes: string;
}

/** A message and its contents, as it goes out. */
export interface Received extends MessageRow, ContentRow {}
