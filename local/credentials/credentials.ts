import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { DeploymentError } from '../errors.ts';
import { writeWhole } from '../files.ts';
import type { Credentials, RoleSession } from '../resources.ts';
import type { Principal } from '../service.ts';

/** Credentials that were given out, with whom they stand for. */
export interface KnownCredentials extends Credentials {
  readonly principal: Principal;
}

/** Who holds which access key. */
export interface CredentialStore {
  readonly developer: KnownCredentials;
  /** Undefined for a key that was never given out, or by an earlier start. */
  find(accessKeyId: string): KnownCredentials | undefined;
  /** New credentials for a role; they last until the cloud stops. */
  issue(roleArn: string): RoleSession;
}

const KeysSchema = z.strictObject({ accessKeyId: z.string().length(20), secretAccessKey: z.string().length(40) });

/**
 * Opens the credentials of a data directory. The developer's keys are made once and kept in `credentials.json`,
 * readable by the owner of the directory alone; those of roles are new at every start.
 */
export const openCredentials = (directory: string, accountId: string): CredentialStore => {
  const keys = developerKeys(join(directory, 'credentials.json'));
  const developer: KnownCredentials = {
    ...keys,
    principal: { arn: `arn:aws:iam::${accountId}:user/developer`, accessKeyId: keys.accessKeyId },
  };
  const known = new Map<string, KnownCredentials>([[keys.accessKeyId, developer]]);
  return {
    developer,
    find: (accessKeyId) => known.get(accessKeyId),
    issue(roleArn) {
      const credentials = { ...newKeys('ASIA'), sessionToken: randomBytes(48).toString('base64') };
      const principal: Principal = { arn: roleArn, accessKeyId: credentials.accessKeyId };
      known.set(credentials.accessKeyId, { ...credentials, principal });
      return { principal, credentials };
    },
  };
};

const developerKeys = (path: string): z.infer<typeof KeysSchema> => {
  if (!existsSync(path)) {
    const keys = newKeys('AKIA');
    writeWhole(path, `${JSON.stringify(keys, null, 2)}\n`);
    return keys;
  }
  const parsed = KeysSchema.safeParse(jsonOrUndefined(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new DeploymentError(`${path} is damaged; delete it to get new development keys`);
  return parsed.data;
};

const jsonOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const newKeys = (prefix: 'AKIA' | 'ASIA'): z.infer<typeof KeysSchema> => ({
  accessKeyId: prefix + [...randomBytes(16)].map((byte) => BASE32[byte % 32]).join(''),
  secretAccessKey: randomBytes(30).toString('base64'),
});
