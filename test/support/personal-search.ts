import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { constants, gunzipSync } from 'node:zlib';

import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

import { unpackText } from '#domain/packed-text.ts';

import { PLANTED, PLANTED_DIGITS, PLANTED_TEXTS } from './planted.ts';

/** A form in which planted data may be found. */
interface Needle {
  readonly form: string;
  readonly bytes: Buffer;
}

/** Base64 of a text at each of the three places that it may begin at, without the characters that its neighbours share. */
const base64Forms = (text: string): readonly string[] =>
  [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
      .toString('base64')
      .replace(/=+$/, '');
    const complete = Math.floor(((offset + Buffer.byteLength(text)) * 8) / 6);
    const own = encoded.slice(Math.ceil((offset * 8) / 6), complete);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });

const percentForm = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Forms that are searched in the bytes as they are, in small letters, and among digits alone. */
interface Forms {
  readonly exact: readonly Needle[];
  readonly folded: readonly Needle[];
  readonly digits: readonly string[];
}

const formsOf = (texts: readonly string[], numbers: readonly number[] = []): Forms => ({
  exact: [
    ...texts.flatMap((text) => [
      ...base64Forms(text).map((form) => ({ form: 'base64', bytes: Buffer.from(form) })),
      { form: 'UTF-16', bytes: Buffer.from(text, 'utf16le').subarray(0, -1) },
    ]),
    ...numbers.flatMap(binaryForms),
  ],
  folded: [...new Set(texts.map((text) => text.toLowerCase()))].flatMap((text) => [
    { form: 'clear', bytes: Buffer.from(text) },
    { form: 'hex', bytes: Buffer.from(Buffer.from(text).toString('hex')) },
    { form: 'percent', bytes: Buffer.from(percentForm(text)) },
    { form: 'form-encoded', bytes: Buffer.from(encodeURIComponent(text).toLowerCase()) },
  ]),
  digits: texts.filter((text) => /^[0-9]{12,}$/.test(text)),
});

const binaryForms = (value: number): readonly Needle[] => {
  const [integer, double] = [Buffer.alloc(8), Buffer.alloc(8)];
  integer.writeBigInt64LE(BigInt(value));
  double.writeDoubleLE(value);
  const reversed = (bytes: Buffer) => Buffer.from(bytes).reverse();
  return [integer, reversed(integer), double, reversed(double)].map((bytes) => ({ form: 'binary number', bytes }));
};

/** Texts that every form is made of: the mark as it is written and in capitals, and what has no mark in it. */
const ALL_PLANTED = formsOf(
  [PLANTED.mark, PLANTED.mark.toUpperCase(), 'Zqplanted', ...PLANTED_TEXTS, ...PLANTED_DIGITS],
  [PLANTED.taxNumber, Date.parse(PLANTED.bornAt)],
);

/** Forms of planted data that bytes hold as they are, with nothing decoded. */
const formsIn = (bytes: Buffer, { exact, folded, digits }: Forms): readonly string[] => {
  const text = bytes.toString('latin1');
  const small = Buffer.from(text.toLowerCase(), 'latin1');
  const onlyDigits = Buffer.from(text.replace(/[^0-9\n]+/g, ''), 'latin1');
  const found = [
    ...exact.filter(({ bytes: needle }) => bytes.includes(needle)),
    ...folded.filter(({ bytes: needle }) => small.includes(needle)),
    ...digits.filter((each) => onlyDigits.includes(each)).map(() => ({ form: 'digits' })),
  ];
  return [...new Set(found.map(({ form }) => form))];
};

/** Every packed text in bytes, unpacked. What only looks like one is left. */
const unpackedIn = (bytes: Buffer): readonly string[] =>
  [...bytes.toString('latin1').matchAll(/~1[A-Za-z0-9+/]{16,}={0,2}/g)].flatMap(([packed]) => {
    try {
      return [unpackText(packed)];
    } catch {
      return [];
    }
  });

/** What was found, and where. */
export interface Finding {
  readonly where: string;
  readonly forms: readonly string[];
}

/** How much of each kind was looked into: a search that decodes nothing finds nothing. */
export interface Searched {
  files: number;
  bytes: number;
  gzips: number;
  /** Texts that items hold packed. */
  packed: number;
  parquets: number;
  rows: number;
}

/** A search of everything that a cloud keeps: bytes as they are, and what they decode to. */
export class PersonalSearch {
  readonly findings: Finding[] = [];
  readonly searched: Searched = { files: 0, bytes: 0, gzips: 0, packed: 0, parquets: 0, rows: 0 };
  readonly #forms: Forms;

  /** @param texts - @default all that is planted */
  constructor(texts?: readonly string[]) {
    this.#forms = texts ? formsOf(texts) : ALL_PLANTED;
  }

  /** Looks into every file of a directory. @param permitted - files, by content or place, that may hold what is raw. */
  async directory(path: string, permitted: (bytes: Buffer, name: string) => boolean = () => false): Promise<void> {
    for (const name of globSync('**', { cwd: path })) {
      const file = join(path, name);
      if (!statSync(file).isFile()) continue;
      const bytes = readFileSync(file);
      if (permitted(bytes, name)) continue;
      this.searched.files += 1;
      await this.look(bytes, name);
      if (bytes.subarray(0, 15).toString('latin1') === 'SQLite format 3') await this.#database(file, name);
    }
  }

  /** Looks into bytes, and into what they hold compressed. */
  async look(bytes: Buffer, where: string): Promise<void> {
    this.searched.bytes += bytes.length;
    const forms = formsIn(bytes, this.#forms);
    if (forms.length > 0) this.findings.push({ where, forms });
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      this.searched.gzips += 1;
      // What was cut off shows what it has.
      const whole = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
      await this.look(whole, `${where} (gunzipped)`);
    }
    const texts = unpackedIn(bytes);
    this.searched.packed += texts.length;
    if (texts.length > 0) await this.look(Buffer.from(texts.join('\n')), `${where} (unpacked)`);
    if (bytes.subarray(0, 4).toString('latin1') === 'PAR1') await this.#parquet(bytes, where);
  }

  async #parquet(bytes: Buffer, where: string): Promise<void> {
    const file = new Uint8Array(bytes).buffer;
    // Of a file that was made broken, nobody can read more than its bytes show.
    const rows = await parquetReadObjects({ file, compressors }).catch(() => undefined);
    if (!rows) return;
    this.searched.parquets += 1;
    const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    await this.look(Buffer.from(text), `${where} (Parquet)`);
  }

  /** Row by row, since a long value lies on several pages, with other bytes between. */
  async #database(file: string, name: string): Promise<void> {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
      for (const { name: table } of tables) {
        const where = `${name} ${table}`;
        const texts: string[] = [];
        for (const row of database.prepare(`SELECT * FROM "${table}"`).iterate()) {
          this.searched.rows += 1;
          for (const value of Object.values(row)) {
            if (value instanceof Uint8Array) await this.look(Buffer.from(value), where);
            else if (value !== null) texts.push(String(value));
          }
        }
        await this.look(Buffer.from(texts.join('\n')), where);
      }
    } finally {
      database.close();
    }
  }
}
