import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../database.ts';
import { AwsError } from '../errors.ts';

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description: string;
  /** Undefined for AWS's own key. */
  readonly kmsKeyId: string | undefined;
  readonly createdAt: string;
}

export interface SecretVersion {
  readonly id: string;
  readonly createdAt: string;
  readonly stages: readonly string[];
  readonly text: string | undefined;
  /** Base64. */
  readonly binary: string | undefined;
}

export type NewVersion = Pick<SecretVersion, 'text' | 'binary'> & { readonly id?: string; readonly stages?: string[] };

/** Secrets and their versions, durable. */
export interface SecretStore {
  /** @throws {AwsError} ResourceNotFoundException. */
  find(secretId: string): Secret;
  /** Creates the secret or changes its description and key; its versions are not touched. */
  declare(secret: Pick<Secret, 'name' | 'description' | 'kmsKeyId'>): Secret;
  versions(secret: Secret): SecretVersion[];
  /**
   * Adds a version. `AWSCURRENT`, the stage of a version that names none, passes on, and `AWSPREVIOUS` follows it.
   *
   * @throws {AwsError} ResourceExistsException if the id is taken by other content; the same again changes nothing.
   */
  put(secret: Secret, version: NewVersion): SecretVersion;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS secrets (
    arn TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL, kms_key_id TEXT, created_at TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS versions (
    arn TEXT NOT NULL, id TEXT NOT NULL, created_at TEXT NOT NULL, stages TEXT NOT NULL, text TEXT, binary TEXT,
    PRIMARY KEY (arn, id));
`;

export const openSecretStore = (directory: string, arnPrefix: string): SecretStore => {
  const database = openDatabase(join(directory, 'secretsmanager.sqlite'), SCHEMA);

  const find = (secretId: string): Secret => {
    const row = database
      .prepare('SELECT * FROM secrets WHERE arn = ?1 OR name = ?1 OR substr(arn, 1, length(arn) - 7) = ?1')
      .get(secretId);
    if (!row) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return {
      arn: String(row.arn),
      name: String(row.name),
      description: String(row.description),
      kmsKeyId: row.kms_key_id === null ? undefined : String(row.kms_key_id),
      createdAt: String(row.created_at),
    };
  };

  const versions = ({ arn }: Secret): SecretVersion[] =>
    database
      .prepare('SELECT * FROM versions WHERE arn = ? ORDER BY rowid')
      .all(arn)
      .map((row) => ({
        id: String(row.id),
        createdAt: String(row.created_at),
        stages: JSON.parse(String(row.stages)),
        text: row.text === null ? undefined : String(row.text),
        binary: row.binary === null ? undefined : String(row.binary),
      }));

  const setStages = (secret: Secret, id: string, stages: readonly string[]): void => {
    database
      .prepare('UPDATE versions SET stages = ? WHERE arn = ? AND id = ?')
      .run(JSON.stringify(stages), secret.arn, id);
  };

  return {
    find,
    versions,
    declare({ name, description, kmsKeyId }) {
      database
        .prepare(
          `INSERT INTO secrets VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (arn) DO UPDATE SET description = ?3, kms_key_id = ?4`,
        )
        .run(`${arnPrefix}${name}-${tailOf(name)}`, name, description, kmsKeyId ?? null, new Date().toISOString());
      return find(name);
    },
    put(secret, { id = randomUUID(), stages = ['AWSCURRENT'], text, binary }) {
      const existing = versions(secret);
      const same = existing.find((version) => version.id === id);
      if (same) {
        if (same.text === text && same.binary === binary) return same;
        throw new AwsError('ResourceExistsException', 'A version with this ClientRequestToken has other content.');
      }
      const created: SecretVersion = { id, createdAt: new Date().toISOString(), stages, text, binary };
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const version of existing) setStages(secret, version.id, stagesAfter(version, stages));
        database
          .prepare('INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?)')
          .run(secret.arn, id, created.createdAt, JSON.stringify(stages), text ?? null, binary ?? null);
        database.exec('COMMIT');
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
      return created;
    },
    close: () => database.close(),
  };
};

/** A stage is on one version at a time; when AWSCURRENT moves, the version that had it becomes AWSPREVIOUS. */
const stagesAfter = ({ stages }: SecretVersion, taken: readonly string[]): string[] => {
  const currentMoves = taken.includes('AWSCURRENT');
  const kept = stages.filter((stage) => !taken.includes(stage) && !(currentMoves && stage === 'AWSPREVIOUS'));
  return currentMoves && stages.includes('AWSCURRENT') ? [...kept, 'AWSPREVIOUS'] : kept;
};

/** The six characters that end a secret's ARN; from its name, so that they are the same at every start. */
const tailOf = (name: string): string =>
  createHash('sha256').update(name).digest('base64').replace(/[+/=]/g, '').slice(0, 6);
