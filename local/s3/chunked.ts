import { Buffer } from 'node:buffer';
import { AwsError } from '../errors.ts';
import { incompleteBody } from './errors.ts';

const LONGEST_LINE_BYTES = 16 * 1024;

/**
 * Takes the payload out of an `aws-chunked` body as it arrives: `<hex size>[;chunk-signature=…]`, the bytes, and after
 * the last chunk the trailers.
 *
 * Chunk signatures are passed over: the signature of the headers has proven the caller, and the payload is held
 * against its checksum.
 *
 * @param trailers - filled with the trailing headers, names in lower case.
 * @throws {AwsError} IncompleteBody if it ends early, InvalidRequest for anything else that is not this format.
 * @see Amazon S3 API, "Signature calculations: transferring a payload in multiple chunks".
 */
export async function* decodeChunks(
  body: AsyncIterator<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer, void, void> {
  let rest: Buffer = Buffer.alloc(0);

  const more = async (): Promise<boolean> => {
    const { value, done } = await body.next();
    if (done) return false;
    rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
    return true;
  };
  const line = async (): Promise<string | undefined> => {
    let end = rest.indexOf('\r\n');
    while (end < 0) {
      if (rest.length > LONGEST_LINE_BYTES) throw malformed();
      if (!(await more())) return undefined;
      end = rest.indexOf('\r\n');
    }
    const text = rest.toString('latin1', 0, end);
    rest = rest.subarray(end + 2);
    return text;
  };

  for (;;) {
    const header = await line();
    if (header === undefined) throw incompleteBody();
    const size = /^([0-9a-f]{1,12})(;|$)/i.exec(header)?.[1];
    if (size === undefined) throw malformed();
    let left = Number.parseInt(size, 16);
    if (left === 0) break;
    while (left > 0) {
      if (rest.length === 0 && !(await more())) throw incompleteBody();
      const part = rest.subarray(0, left);
      rest = rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
    if ((await line()) !== '') throw malformed();
  }
  for (let trailer = await line(); trailer; trailer = await line()) {
    const colon = trailer.indexOf(':');
    if (colon < 1) throw malformed();
    trailers.set(trailer.slice(0, colon).trim().toLowerCase(), trailer.slice(colon + 1).trim());
  }
  while (await more()) rest = Buffer.alloc(0);
}

const malformed = (): AwsError => new AwsError('InvalidRequest', 'The body is not in the aws-chunked format.');
