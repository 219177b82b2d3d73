import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { parse } from 'csv-parse';

export type Row = Readonly<Record<string, string>>;

/** The rows of a gzipped CSV file, by the names of its header. */
export async function* csvRowsOf(path: string): AsyncGenerator<Row> {
  const parser = parse({ columns: true });
  // What goes wrong before the parser ends it, and its reader is told.
  pipeline(createReadStream(path), createGunzip(), parser, () => {});
  yield* parser;
}
