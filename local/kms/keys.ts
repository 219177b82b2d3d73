import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../database.ts';
import { AwsError, DeploymentError } from '../errors.ts';
import { checkProperties } from '../properties.ts';
import type { ResourceProvider } from '../resources.ts';
import type { PolicyDocument } from '../service.ts';

/** One key with its secret. */
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly createdAt: string;
  readonly policy: PolicyDocument;
  readonly secret: Uint8Array;
}

export interface KeyRing {
  /**
   * @param keyId - id, ARN, alias or the ARN of an alias.
   * @throws {AwsError} NotFoundException.
   */
  find(keyId: string): Key;
  readonly resources: readonly ResourceProvider[];
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, description TEXT NOT NULL, enabled INTEGER NOT NULL, created_at TEXT NOT NULL,
    policy TEXT NOT NULL, secret BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS aliases (name TEXT PRIMARY KEY, key_id TEXT NOT NULL);
`;

const KEY_PROPERTIES = [
  'BypassPolicyLockoutSafetyCheck',
  'Description',
  'Enabled',
  'EnableKeyRotation',
  'KeyPolicy',
  'KeySpec',
  'KeyUsage',
  'MultiRegion',
  'PendingWindowInDays',
  'RotationPeriodInDays',
];

/** Opens the keys of a data directory. A key's secret is made once; without it nothing it sealed can be read. */
export const openKeyRing = (
  directory: string,
  { region, accountId }: { region: string; accountId: string },
): KeyRing => {
  const database = openDatabase(join(directory, 'kms.sqlite'), SCHEMA);
  const prefix = `arn:aws:kms:${region}:${accountId}:`;
  const arnOf = (id: string) => `${prefix}key/${id}`;
  const policies = new Map<string, PolicyDocument>();

  const find = (keyId: string): Key => {
    const name = keyId.startsWith(prefix) ? keyId.slice(prefix.length) : keyId;
    const aliased = name.startsWith('alias/')
      ? database.prepare('SELECT key_id FROM aliases WHERE name = ?').get(name)?.key_id
      : name.replace(/^key\//, '');
    const row = aliased === undefined ? undefined : database.prepare('SELECT * FROM keys WHERE id = ?').get(aliased);
    if (!row) throw new AwsError('NotFoundException', `Key '${keyId}' does not exist`);
    const id = String(row.id);
    // One object for each text, so that the judge reads a policy once and not at every call.
    const policy = policies.get(String(row.policy)) ?? (JSON.parse(String(row.policy)) as PolicyDocument);
    policies.set(String(row.policy), policy);
    return {
      id,
      arn: arnOf(id),
      description: String(row.description),
      enabled: row.enabled === 1,
      createdAt: String(row.created_at),
      policy,
      secret: row.secret as Uint8Array,
    };
  };

  const key: ResourceProvider = {
    type: 'AWS::KMS::Key',
    deploy(resource) {
      checkProperties(resource, KEY_PROPERTIES);
      const { stackName, logicalId, properties } = resource;
      if ((properties.KeySpec ?? 'SYMMETRIC_DEFAULT') !== 'SYMMETRIC_DEFAULT') {
        throw new DeploymentError('only symmetric keys are emulated (KeySpec SYMMETRIC_DEFAULT)');
      }
      if ((properties.KeyUsage ?? 'ENCRYPT_DECRYPT') !== 'ENCRYPT_DECRYPT') {
        throw new DeploymentError('only keys that encrypt are emulated (KeyUsage ENCRYPT_DECRYPT)');
      }
      const id = uuidFrom(`${stackName}/${logicalId}`);
      database
        .prepare(
          `INSERT INTO keys VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET description = ?2, enabled = ?3, policy = ?5`,
        )
        .run(
          id,
          String(properties.Description ?? ''),
          properties.Enabled === false ? 0 : 1,
          new Date().toISOString(),
          JSON.stringify(properties.KeyPolicy ?? accountPolicy(accountId)),
          randomBytes(32),
        );
      return { physicalId: id, attributes: { Arn: arnOf(id), KeyId: id } };
    },
  };

  const alias: ResourceProvider = {
    type: 'AWS::KMS::Alias',
    deploy(resource) {
      checkProperties(resource, ['AliasName', 'TargetKeyId']);
      const name = String(resource.properties.AliasName);
      const target = find(String(resource.properties.TargetKeyId));
      database.prepare('INSERT OR REPLACE INTO aliases VALUES (?, ?)').run(name, target.id);
      return { physicalId: name, attributes: { AliasName: name } };
    },
    remove({ physicalId }) {
      database.prepare('DELETE FROM aliases WHERE name = ?').run(physicalId);
    },
  };

  return { find, resources: [key, alias], close: () => database.close() };
};

/** The policy that KMS gives a key without one: the account decides by the roles of its callers. */
const accountPolicy = (accountId: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' },
  ],
});

const uuidFrom = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
