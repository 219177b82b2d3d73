/**
 * Cuts a stream into blocks of one size, the last one shorter, so that nothing made of them depends on how the bytes
 * arrived. When the source fails, what was read before is handed on first.
 *
 * @param size - in bytes, at least 1.
 */
export async function* inBlocks(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of source) {
      let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      while (length + rest.length >= size) {
        const taken = rest.subarray(0, size - length);
        yield waiting.length === 0 ? taken : Buffer.concat([...waiting, taken], size);
        rest = rest.subarray(taken.length);
        waiting = [];
        length = 0;
      }
      if (rest.length > 0) waiting.push(rest);
      length += rest.length;
    }
  } catch (error) {
    if (length > 0) yield Buffer.concat(waiting, length);
    throw error;
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}

/** The stream's first piece, and the stream with it. */
export const peek = async (
  source: AsyncGenerator<Buffer>,
): Promise<{ readonly head: Buffer; readonly all: AsyncGenerator<Buffer> }> => {
  const first = await source.next();
  const head = first.done ? Buffer.alloc(0) : first.value;
  return { head, all: startingWith(head, source) };
};

async function* startingWith(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  // try…finally: whoever stops early must also stop what is behind.
  try {
    if (head.length > 0) yield head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
