import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { textOf } from '../inside.ts';
import type { AwsResponse } from '../service.ts';

/** A body of a dozen bytes takes longer than any member of an ensemble is waited for. */
const BYTE_MS = 200;

/**
 * An answer whose body comes a byte at a time: its head is there at once, so that only a bound on the whole call helps.
 *
 * @param ended - breaks the body off.
 */
export const dripping = async (answer: AwsResponse, ended: AbortSignal): Promise<AwsResponse> => {
  const bytes = Buffer.from(await textOf(answer));
  const headers = { ...answer.headers, 'content-length': String(bytes.length) };
  return { ...answer, headers, body: Readable.from(drops(bytes, ended), { objectMode: false }) };
};

async function* drops(bytes: Buffer, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (const byte of bytes) {
    await pause(BYTE_MS, undefined, { signal });
    yield Buffer.of(byte);
  }
}
