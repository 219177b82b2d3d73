import { ConvertedTypes, ParquetTypes } from 'hyparquet/src/constants.js';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import * as z from 'zod';

import type { RandomAccess } from '#ports/object-store.ts';
import { BrokenFileError } from '../broken-file.ts';
import { MAX_COLUMNS } from '../header.ts';
import { compactEnd, corruptParquet, unsupportedParquet } from './compact-end.ts';

/** A column of plain values, as the footer describes it. */
export interface ColumnShape {
  readonly name: string;
  readonly type: (typeof ParquetTypes)[number];
  /** Bytes of each value of `FIXED_LEN_BYTE_ARRAY`. */
  readonly length: number;
  /** Whether a row may have no value. */
  readonly optional: boolean;
  readonly converted: (typeof ConvertedTypes)[number] | undefined;
  readonly logical: z.infer<typeof LogicalTypeSchema> | undefined;
  /** Digits behind the point of a decimal. */
  readonly scale: number;
  /** Which of each row group's column chunks is its own. */
  readonly leaf: number;
}

/** A column of the file, by name; without a shape when it is nested or repeats. */
export interface FileColumn {
  readonly name: string;
  readonly shape: ColumnShape | undefined;
}

/** Where the pages of one column lie in one row group. */
export interface ColumnChunk {
  readonly codec: number;
  readonly start: number;
  readonly end: number;
}

export interface RowGroup {
  readonly rows: number;
  /** By the columns' `leaf`. */
  readonly chunks: readonly ColumnChunk[];
  /** Bytes of its pages before they were compressed. */
  readonly unfolded: number;
}

export interface ParquetFile {
  readonly rows: number;
  readonly columns: readonly FileColumn[];
  readonly groups: readonly RowGroup[];
}

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** Behind the metadata: their length, and the magic bytes again. */
const TAIL_BYTES = 8;
const MAX_FOOTER_BYTES = 8 * 1024 ** 2;

const count = z.int().min(0);
const size = z.bigint().min(0n).max(BigInt(Number.MAX_SAFE_INTEGER)).transform(Number);
const bytes = z.instanceof(Uint8Array);

const UnitSchema = z.object({
  field_1: z.unknown().optional(),
  field_2: z.unknown().optional(),
  field_3: z.unknown().optional(),
});
const LogicalTypeSchema = z.object({
  /** Decimal: its scale. */
  field_5: z.object({ field_1: count.max(38) }).optional(),
  field_6: z.unknown().optional(),
  /** Time of day, and instant: whether in UTC, and the unit. */
  field_7: z.object({ field_1: z.boolean(), field_2: UnitSchema }).optional(),
  field_8: z.object({ field_1: z.boolean(), field_2: UnitSchema }).optional(),
  /** Whole number: bits, and whether it has a sign. */
  field_10: z.object({ field_1: count, field_2: z.boolean() }).optional(),
  /** BSON, UUID, half-precision float, variant, geometry, geography. */
  field_13: z.unknown().optional(),
  field_14: z.unknown().optional(),
  field_15: z.unknown().optional(),
  field_16: z.unknown().optional(),
  field_17: z.unknown().optional(),
  field_18: z.unknown().optional(),
});

const SchemaElementSchema = z.object({
  field_1: count.max(ParquetTypes.length - 1).optional(),
  field_2: count.optional(),
  /** 0: required, 1: optional, 2: repeated. */
  field_3: count.max(2).optional(),
  field_4: bytes,
  /** Children. */
  field_5: count.optional(),
  field_6: count.optional(),
  /** Scale of a decimal. */
  field_7: count.max(38).optional(),
  field_10: LogicalTypeSchema.optional(),
});
type SchemaElement = z.infer<typeof SchemaElementSchema>;

const ColumnChunkSchema = z.object({
  /** Of another file. */
  field_1: z.undefined().optional(),
  field_3: z
    .object({
      field_1: count,
      field_4: count,
      /** Values, bytes before and after compression. */
      field_5: size,
      field_6: size,
      field_7: size,
      /** Offsets of the first data page, and of the dictionary. */
      field_9: size,
      field_11: size.optional(),
    })
    .optional(),
});

/** `FileMetaData` of parquet.thrift, by the numbers of its fields. */
const FileMetadataSchema = z.object({
  field_2: z.array(SchemaElementSchema).min(1),
  field_3: size,
  field_4: z.array(z.object({ field_1: z.array(ColumnChunkSchema), field_3: size })),
  field_8: z.unknown().optional(),
});
type FileMetadata = z.infer<typeof FileMetadataSchema>;

/** Whether bytes begin as Parquet files do. */
export const isParquet = (head: Uint8Array): boolean => {
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1');
  return magic === MAGIC || magic === ENCRYPTED_MAGIC;
};

/**
 * Reads what a Parquet file says of itself, and checks it: sizes, places and numbers of rows agree, so that whoever
 * reads its pages may rely on them.
 *
 * @throws {BrokenFileError} `corrupt_parquet`, `unsupported_parquet`, `too_many_columns` or `bad_header`.
 */
export const readFooter = async (parts: RandomAccess): Promise<ParquetFile> => {
  const at = await footerStart(parts);
  const footer = await parts.read(at, parts.size - TAIL_BYTES - at);
  const metadata = metadataOf(footer);
  if (metadata.field_8 !== undefined) throw unsupportedParquet('is encrypted; write it without encryption');
  const columns = columnsOf(metadata.field_2);
  const groups = metadata.field_4.map((group) => groupOf(group, columns, at));
  const rows = metadata.field_3;
  if (groups.reduce((sum, group) => sum + group.rows, 0) !== rows) throw corruptParquet('its row groups do not add up');
  return { rows, columns: columns.all, groups };
};

const footerStart = async (parts: RandomAccess): Promise<number> => {
  if (parts.size < MAGIC.length + TAIL_BYTES) throw corruptParquet('it is too short');
  const tail = Buffer.from(await parts.read(parts.size - TAIL_BYTES, TAIL_BYTES));
  const magic = tail.toString('latin1', 4);
  if (magic === ENCRYPTED_MAGIC) throw unsupportedParquet('is encrypted; write it without encryption');
  if (magic !== MAGIC) throw corruptParquet('its end is missing');
  const length = tail.readUInt32LE(0);
  if (length > parts.size - MAGIC.length - TAIL_BYTES) throw corruptParquet('its metadata are not all there');
  if (length > MAX_FOOTER_BYTES) {
    throw unsupportedParquet(`has more than ${MAX_FOOTER_BYTES} bytes of metadata; write fewer and larger row groups`);
  }
  return parts.size - TAIL_BYTES - length;
};

const metadataOf = (footer: Uint8Array): FileMetadata => {
  compactEnd(footer);
  return parseThrift(FileMetadataSchema, footer);
};

/** A structure that {@link compactEnd} has walked over. @throws {BrokenFileError} `corrupt_parquet`. */
export const parseThrift = <Schema extends z.ZodType>(schema: Schema, data: Uint8Array): z.output<Schema> => {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const parsed = schema.safeParse(deserializeTCompactProtocol({ view, offset: 0 }));
  if (!parsed.success) throw corruptParquet('its metadata contradict the format');
  return parsed.data;
};

interface Columns {
  readonly all: readonly FileColumn[];
  /** Plain ones by leaf. */
  readonly shapes: ReadonlyMap<number, ColumnShape>;
  readonly leaves: number;
}

/** The columns of the root, which lists all elements of the tree depth first. */
const columnsOf = ([root, ...elements]: readonly SchemaElement[]): Columns => {
  const all: FileColumn[] = [];
  const shapes = new Map<number, ColumnShape>();
  let at = 0;
  let leaves = 0;
  for (let child = 0; child < (root?.field_5 ?? 0); child++) {
    const element = elements[at];
    if (!element) throw corruptParquet('its schema breaks off');
    const name = nameOf(element);
    const next = behind(elements, at);
    const inside = elements.slice(at, next).filter(isLeaf).length;
    const shape = inside === 1 && next === at + 1 ? shapeOf(element, name, leaves) : undefined;
    if (shape) shapes.set(leaves, shape);
    all.push({ name, shape });
    leaves += inside;
    at = next;
    if (leaves > MAX_COLUMNS || all.length > MAX_COLUMNS) {
      const problem = `the file has more than ${MAX_COLUMNS} columns; leave out what is not needed`;
      throw new BrokenFileError('too_many_columns', problem);
    }
  }
  if (at !== elements.length) throw corruptParquet('its schema does not add up');
  return { all, shapes, leaves };
};

const isLeaf = ({ field_5: children }: SchemaElement): boolean => children === undefined || children === 0;

/** Where the next element begins that is not below this one. */
const behind = (elements: readonly SchemaElement[], at: number): number => {
  let next = at;
  for (let open = 1; open > 0; open--) {
    const element = elements[next++];
    if (!element) throw corruptParquet('its schema breaks off');
    open += element.field_5 ?? 0;
  }
  return next;
};

const nameOf = ({ field_4: name }: SchemaElement): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(name).trim();
  } catch (cause) {
    throw new BrokenFileError('bad_header', 'the name of a column is not UTF-8; write the file again', { cause });
  }
};

const shapeOf = (element: SchemaElement, name: string, leaf: number): ColumnShape | undefined => {
  const { field_1: type, field_2: length = 0, field_3: repetition, field_6: converted, field_10: logical } = element;
  if (type === undefined) throw corruptParquet('a column has no type');
  if (repetition === 2) return undefined;
  if (ParquetTypes[type] === 'FIXED_LEN_BYTE_ARRAY' && length === 0) throw corruptParquet('a column has no length');
  return {
    name,
    type: ParquetTypes[type]!,
    length,
    optional: repetition !== 0,
    converted: converted === undefined ? undefined : ConvertedTypes[converted],
    logical,
    scale: logical?.field_5?.field_1 ?? element.field_7 ?? 0,
    leaf,
  };
};

const groupOf = (
  { field_1: columns, field_3: rows }: FileMetadata['field_4'][number],
  { shapes, leaves }: Columns,
  footerAt: number,
): RowGroup => {
  if (columns.length !== leaves) throw corruptParquet('a row group lacks columns');
  let unfolded = 0;
  const chunks = columns.map(({ field_3: metadata }, leaf): ColumnChunk => {
    if (!metadata) throw unsupportedParquet('keeps columns in other files, or encrypted; write it as one plain file');
    const { field_1: type, field_5: values, field_7: length, field_9: dataAt, field_11: dictionaryAt = 0 } = metadata;
    // Some writers say 0 for a dictionary that is not there.
    const start = dictionaryAt > 0 ? Math.min(dictionaryAt, dataAt) : dataAt;
    if (start < MAGIC.length || start + length > footerAt) throw corruptParquet('a column lies outside of it');
    const shape = shapes.get(leaf);
    if (shape && (values !== rows || ParquetTypes[type] !== shape.type)) {
      throw corruptParquet('a column is not as long as its row group');
    }
    unfolded += metadata.field_6;
    return { codec: metadata.field_4, start, end: start + length };
  });
  return { rows, chunks, unfolded };
};
