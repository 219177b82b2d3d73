import pc from 'picocolors';
import * as z from 'zod';

import { sha256Hex } from '#domain/content-hash.ts';
import { ChangedSchema } from '../../functions/administration/answers.ts';
import type { AssayClient } from '../system/client.ts';

const ProblemSchema = z.object({
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
  fields: z.array(z.object({ field: z.string(), problem: z.string() })).default([]),
});

/** What a change came to, and the state to name when changing it again. */
export type Change = z.infer<typeof ChangedSchema> & { readonly etag?: string };

/** Bytes of JSON that go into a request; Lambda takes 6 MB with all that is around them. */
const MOST_IN_REQUEST = 3_000_000;

/**
 * Changes something by the API.
 *
 * @param path - below `/v1/`, encoded.
 * @param ifMatch - state that the change is for.
 * @throws {Error} that says why it was refused, field by field.
 */
export const putByApi = async (
  client: AssayClient,
  path: string,
  body: unknown,
  ifMatch: string | undefined,
): Promise<Change> => {
  const {
    status,
    body: answer,
    etag,
  } = await client.call('PUT', `v1/${path}`, body, ifMatch === undefined ? {} : { 'if-match': ifMatch });
  if (status === 200) return { ...ChangedSchema.parse(answer), ...(etag !== undefined && { etag }) };
  throw new Error(problemInWords(status, answer));
};

const problemInWords = (status: number, answer: unknown): string => {
  const problem = ProblemSchema.safeParse(answer);
  if (!problem.success) return `the API answered ${status}; repeat the command`;
  const { code, detail, requestId, fields } = problem.data;
  return [
    `${code}: ${detail} (request ${requestId})`,
    ...fields.map(({ field, problem: what }) => `  ${field === '' ? '' : `${field}: `}${what}`),
  ].join('\n');
};

/** A part of a request: as it is, or uploaded first where it is too large. */
export const inlineOrUploaded = async <Inline extends object>(
  client: AssayClient,
  inline: Inline,
  { bytes, name }: { readonly bytes: Uint8Array; readonly name: string },
): Promise<Inline | { readonly upload: { readonly key: string; readonly sha256: string } }> => {
  if (Buffer.byteLength(JSON.stringify(inline)) <= MOST_IN_REQUEST) return inline;
  const sha256 = sha256Hex(bytes);
  const key = `uploads/${sha256}/${name}`;
  await client.upload(key, bytes);
  return { upload: { key, sha256 } };
};

/** What a change came to, in a line. */
export const changeInWords = ({ name, changed, version, active, count, rulesOnly, revision }: Change): string => {
  const facts = [
    version !== undefined && `newest version ${version}`,
    active !== undefined && `version ${active} decides`,
    count !== undefined && `${count.toLocaleString('en')} values`,
    rulesOnly !== undefined && (rulesOnly ? 'rules alone decide' : 'models are asked'),
  ].filter((fact) => fact !== false);
  const what = changed ? pc.green(`${name} is changed`) : `${name} was so already`;
  return `${what}: ${facts.join(', ')} (revision ${revision} of the catalog, seen by all functions within 10 s)`;
};
