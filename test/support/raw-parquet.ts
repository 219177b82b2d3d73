import { ByteWriter } from 'hyparquet-writer';
import { serializeTCompactProtocol } from 'hyparquet-writer/src/thrift.js';

type Struct = Record<`field_${number}`, unknown>;

/** A structure in Thrift's compact protocol, by the numbers of its fields in rising order. */
export const compact = (struct: Struct): Buffer => {
  const writer = new ByteWriter();
  serializeTCompactProtocol(writer, struct);
  return Buffer.from(writer.getBytes());
};

/** A page as it stands in a file: its header, and its content as the header says or not. */
export interface RawPage {
  readonly header: Struct | Buffer;
  readonly content?: Uint8Array;
}

export interface RawColumn {
  /** 0 to 7: boolean, int32, int64, int96, float, double, bytes, bytes of one length. @default bytes */
  readonly type?: number;
  /** @default required */
  readonly optional?: boolean;
  readonly codec?: number;
  readonly pages: readonly RawPage[];
  /** Fields of `ColumnMetaData` that say something else than what is true. */
  readonly said?: Struct;
}

export interface RawFile {
  readonly rows: number;
  readonly columns: readonly RawColumn[];
  /** Fields of `FileMetaData` that say something else. */
  readonly said?: Struct;
}

const sorted = (struct: Struct): Struct =>
  Object.fromEntries(Object.entries(struct).sort(([one], [other]) => Number(one.slice(6)) - Number(other.slice(6))));

/** A Parquet file of one row group, put together byte by byte, so that any of it can be a lie. Columns are `c0`, `c1`, … */
export const rawParquet = ({ rows, columns, said = {} }: RawFile): Buffer => {
  const pieces: Buffer[] = [Buffer.from('PAR1')];
  let at = 4;
  const chunks = columns.map(({ type = 6, codec = 0, pages, said: lies = {} }, index) => {
    const start = at;
    for (const { header, content = Buffer.alloc(0) } of pages) {
      const bytes = Buffer.concat([Buffer.isBuffer(header) ? header : compact(header), content]);
      pieces.push(bytes);
      at += bytes.length;
    }
    const size = BigInt(at - start);
    return {
      field_2: BigInt(start),
      field_3: sorted({
        field_1: type,
        field_2: [0],
        field_3: [`c${index}`],
        field_4: codec,
        field_5: BigInt(rows),
        field_6: size,
        field_7: size,
        field_9: BigInt(start),
        ...lies,
      }),
    };
  });
  const schema = [
    { field_4: 'root', field_5: columns.length },
    ...columns.map(({ type = 6, optional }, index) => ({
      field_1: type,
      field_3: optional ? 1 : 0,
      field_4: `c${index}`,
    })),
  ];
  const footer = compact(
    sorted({
      field_1: 1,
      field_2: schema,
      field_3: BigInt(rows),
      field_4: [{ field_1: chunks, field_2: BigInt(at), field_3: BigInt(rows) }],
      ...said,
    }),
  );
  return sealed([...pieces, footer], footer.length);
};

/** Pieces of a file with its end behind them. */
export const sealed = (pieces: readonly Uint8Array[], footerLength: number): Buffer => {
  const end = Buffer.alloc(8, 'PAR1PAR1');
  end.writeUInt32LE(footerLength, 0);
  return Buffer.concat([...pieces, end]);
};

/** A page of data of the first version. */
export const dataPage = (rows: number, encoding: number, content: Uint8Array, said: Struct = {}): RawPage => ({
  header: sorted({
    field_1: 0,
    field_2: content.length,
    field_3: content.length,
    field_5: { field_1: rows, field_2: encoding, field_3: 3, field_4: 3 },
    ...said,
  }),
  content,
});

/** A page of a dictionary. */
export const dictionaryPage = (values: number, content: Uint8Array, said: Struct = {}): RawPage => ({
  header: sorted({
    field_1: 2,
    field_2: content.length,
    field_3: content.length,
    field_7: { field_1: values, field_2: 0 },
    ...said,
  }),
  content,
});

/** Texts as plain values. */
export const plainTexts = (texts: readonly string[]): Buffer =>
  Buffer.concat(texts.flatMap((text) => [uint32(Buffer.byteLength(text)), Buffer.from(text)]));

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** A number of 7 bits a byte. */
export const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
};

/** The same number again and again. @param width - bytes of the number. */
export const run = (count: number, value: number, width = 1): Buffer => {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntLE(value, 0, width);
  return Buffer.concat([varint(count * 2), bytes]);
};

/** With its length in front, as levels and booleans are written. */
export const withLength = (bytes: Buffer): Buffer => Buffer.concat([uint32(bytes.length), bytes]);
