/** A file of an archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;

/** Whether bytes are a tar archive, in the ustar format that all of today's tools write. */
export const isTar = (bytes: Uint8Array): boolean => bytes.length >= BLOCK && textAt(bytes, 257, 5) === 'ustar';

/**
 * Reads the files of a tar archive: ustar with the long names of GNU and pax. Links and folders are passed over.
 *
 * @throws {Error} if the archive is cut short.
 * @see POSIX.1-2017, pax, "ustar Interchange Format".
 */
export const readTar = (bytes: Uint8Array): ArchivedFile[] => {
  const files: ArchivedFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const size = numberAt(bytes, at + 124, 12);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (!Number.isSafeInteger(size) || content.length < size) throw new Error('the archive is cut short');
    const type = textAt(bytes, at + 156, 1);
    if (type === 'L') longName = textAt(content, 0, size);
    else if (type === 'x') longName = paxPath(content) ?? longName;
    else {
      if (type === '0' || type === '') files.push({ name: longName ?? nameAt(bytes, at), bytes: content });
      longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
};

const nameAt = (bytes: Uint8Array, at: number): string => {
  const prefix = textAt(bytes, at + 345, 155);
  const name = textAt(bytes, at, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
};

const textAt = (bytes: Uint8Array, at: number, length: number): string => {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
};

/** Octal digits, or, for large files, a binary number that starts with the highest bit. */
const numberAt = (bytes: Uint8Array, at: number, length: number): number => {
  const field = bytes.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) === 0) return Number.parseInt(textAt(bytes, at, length).trim() || '0', 8);
  return field.reduce((sum, byte, index) => sum * 256 + (index === 0 ? byte & 0x7f : byte), 0);
};

/** The path in a pax header, whose lines are `<length> <key>=<value>`. */
const paxPath = (content: Uint8Array): string | undefined =>
  /(?:^|\n)\d+ path=(.*)\n/.exec(new TextDecoder().decode(content))?.[1];
