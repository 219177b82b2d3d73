import { sha256Hex } from '#domain/content-hash.ts';
import { ServiceError } from '#domain/errors.ts';
import { parseJson } from '#domain/parse-json.ts';
import type { Deadline } from '#ports/clock.ts';
import type { ObjectStore } from '#ports/registry-store.ts';
import type { Upload } from './requests.ts';

/** Models of some thousand trees are far below this, and so are lists. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The bytes of an object that the caller has uploaded before.
 *
 * @throws {ServiceError} `invalid_input` when it is not there, or is not what the caller hashed; `too_large`.
 */
export const readUpload = async (
  { key, sha256 }: Upload,
  deadline: Deadline,
  objects: Pick<ObjectStore, 'get'>,
): Promise<Uint8Array> => {
  const bytes = await objects.get(key, deadline, MOST_BYTES);
  if (!bytes) throw refused('upload.key', 'there is no such object in the models bucket; upload it first');
  if (sha256Hex(bytes) === sha256) return bytes;
  throw refused('upload.sha256', 'the object has other bytes; upload it again, or correct the hash');
};

/** An uploaded object that holds JSON. */
export const readUploadedJson = async (
  upload: Upload,
  deadline: Deadline,
  objects: Pick<ObjectStore, 'get'>,
): Promise<unknown> => {
  const parsed = parseJson(new TextDecoder().decode(await readUpload(upload, deadline, objects)));
  if (parsed.ok) return parsed.value;
  throw refused('upload.key', `the object cannot be read: ${parsed.problem}`);
};

const refused = (field: string, problem: string): ServiceError =>
  new ServiceError('invalid_input', "the upload cannot be used; 'fields' says why", { fields: [{ field, problem }] });
