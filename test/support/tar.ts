import { gzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;

/** An archive of one file, as `tar -czf` makes it: what SageMaker keeps models in. */
export const tarGzOf = (name: string, content: Uint8Array): Buffer => {
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(content.length, 11), 124);
  header.write(octal(0, 11), 136);
  // The sum is taken with spaces in its own place.
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return gzipSync(Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK_BYTES)]));
};
