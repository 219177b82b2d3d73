import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../database.ts';
import type { RemovedResource } from '../resources.ts';

export type StackStatus = 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'UPDATE_IN_PROGRESS' | 'UPDATE_COMPLETE';

/** A stack as it was last deployed. */
export interface StackRecord {
  readonly name: string;
  readonly id: string;
  readonly status: StackStatus;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly outputs: readonly StackOutput[];
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description: string | undefined;
  readonly exportName: string | undefined;
}

/** A resource as it was last deployed, with what its template says should happen when it is taken out. */
export interface ResourceRecord extends RemovedResource {
  readonly deletionPolicy: string | undefined;
  readonly updatedAt: string;
}

/** What is deployed, so that the next start knows what has disappeared since. */
export interface DeploymentRecord {
  stacks(): StackRecord[];
  /** Notes that a stack is about to be deployed; a new stack gets its id, which it keeps. */
  begin(stackName: string): StackRecord;
  complete(stackName: string, outputs: readonly StackOutput[]): StackRecord;
  /** In the order in which they were first deployed. */
  resources(stackName: string): ResourceRecord[];
  put(resource: Omit<ResourceRecord, 'updatedAt'>): void;
  /** Unless its logical id stands for another resource by now. */
  forget(resource: Pick<ResourceRecord, 'stackName' | 'logicalId' | 'physicalId'>): void;
  forgetStack(stackName: string): void;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS stacks (
    name TEXT PRIMARY KEY, id TEXT NOT NULL, status TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, outputs TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS resources (
    stack TEXT NOT NULL, logical_id TEXT NOT NULL, type TEXT NOT NULL, physical_id TEXT NOT NULL,
    attributes TEXT NOT NULL, deletion_policy TEXT, updated_at TEXT NOT NULL,
    PRIMARY KEY (stack, logical_id));
`;

interface StackRow {
  name: string;
  id: string;
  status: StackStatus;
  created_at: string;
  updated_at: string;
  outputs: string;
}

interface ResourceRow {
  stack: string;
  logical_id: string;
  type: string;
  physical_id: string;
  attributes: string;
  deletion_policy: string | null;
  updated_at: string;
}

/** Opens the record of a data directory. */
export const openDeploymentRecord = (
  directory: string,
  { region, accountId }: { region: string; accountId: string },
): DeploymentRecord => {
  const database = openDatabase(join(directory, 'deployment.sqlite'), SCHEMA);
  const now = () => new Date().toISOString();
  const find = (name: string): StackRecord | undefined => {
    const row = database.prepare('SELECT * FROM stacks WHERE name = ?').get(name);
    return row && stackOf(row as unknown as StackRow);
  };
  const save = (stack: StackRecord): StackRecord => {
    database
      .prepare('INSERT OR REPLACE INTO stacks VALUES (?, ?, ?, ?, ?, ?)')
      .run(stack.name, stack.id, stack.status, stack.createdAt, stack.updatedAt, JSON.stringify(stack.outputs));
    return stack;
  };

  return {
    stacks: () =>
      (database.prepare('SELECT * FROM stacks ORDER BY created_at').all() as unknown as StackRow[]).map(stackOf),
    begin(name) {
      const known = find(name);
      if (!known) {
        const id = `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/${randomUUID()}`;
        const createdAt = now();
        return save({ name, id, status: 'CREATE_IN_PROGRESS', createdAt, updatedAt: createdAt, outputs: [] });
      }
      return save({ ...known, status: known.status.startsWith('CREATE_IN') ? known.status : 'UPDATE_IN_PROGRESS' });
    },
    complete(name, outputs) {
      const known = find(name);
      if (!known) throw new Error(`stack ${name} was not begun`);
      const status = known.status === 'CREATE_IN_PROGRESS' ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE';
      return save({ ...known, status, updatedAt: now(), outputs });
    },
    resources: (stackName) =>
      (
        database
          .prepare('SELECT * FROM resources WHERE stack = ? ORDER BY rowid')
          .all(stackName) as unknown as ResourceRow[]
      ).map(resourceOf),
    put({ stackName, logicalId, type, physicalId, attributes, deletionPolicy }) {
      database
        .prepare(
          `INSERT INTO resources VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET
             type = ?3, physical_id = ?4, attributes = ?5, deletion_policy = ?6, updated_at = ?7`,
        )
        .run(stackName, logicalId, type, physicalId, JSON.stringify(attributes), deletionPolicy ?? null, now());
    },
    forget({ stackName, logicalId, physicalId }) {
      database
        .prepare('DELETE FROM resources WHERE stack = ? AND logical_id = ? AND physical_id = ?')
        .run(stackName, logicalId, physicalId);
    },
    forgetStack(stackName) {
      database.prepare('DELETE FROM stacks WHERE name = ?').run(stackName);
    },
    close: () => database.close(),
  };
};

const stackOf = (row: StackRow): StackRecord => ({
  name: row.name,
  id: row.id,
  status: row.status,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  outputs: JSON.parse(row.outputs),
});

const resourceOf = (row: ResourceRow): ResourceRecord => ({
  stackName: row.stack,
  logicalId: row.logical_id,
  type: row.type,
  physicalId: row.physical_id,
  attributes: JSON.parse(row.attributes),
  deletionPolicy: row.deletion_policy ?? undefined,
  updatedAt: row.updated_at,
});
