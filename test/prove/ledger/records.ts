import { unpackText } from '#domain/packed-text.ts';
import type { Item } from '#local/dynamodb/values.ts';
import type { Cloud } from '../cloud/cloud.ts';

/** What the stores hold, read from outside: none of this goes through the product's own code. */
export interface StoredEvent {
  readonly contentHash: string;
  readonly origin: string;
  readonly decisions: readonly StoredDecision[];
  readonly rivals: readonly StoredDecision[];
}

export interface StoredDecision {
  readonly detector: string;
  readonly origin: string;
  readonly probability?: unknown;
  readonly score?: unknown;
  readonly outcomes?: unknown;
  readonly decidedAt: string;
  readonly rung?: string;
  readonly members: readonly {
    readonly member: string;
    readonly kind: string;
    readonly model: string;
    readonly modelHash?: string;
    readonly probability?: unknown;
  }[];
  readonly degraded: readonly { readonly what: string; readonly why: string }[];
}

export interface StoredFile {
  readonly fileId: string;
  readonly status: string;
  readonly eventType: string;
  readonly reason?: string;
  readonly imbalance?: number;
  readonly source: { readonly kind: string; readonly key?: string; readonly versionId?: string };
  readonly counts: Readonly<Record<string, number>>;
  readonly checkpoint: { readonly rows: number; readonly chunks: number; readonly quarantined: number };
  readonly resultsKey?: string;
  readonly rejectsKey?: string;
}

const textOf = (item: Item, name: string): string => (item[name] as { readonly S: string }).S;

const originOf = ({
  origin,
}: {
  origin: { kind: string; fileId?: string; row?: number; requestId?: string };
}): string => (origin.kind === 'file' ? `file/${origin.fileId}/${origin.row}` : `api/${origin.requestId}`);

const decisionOf = (item: Item): StoredDecision => {
  const record = JSON.parse(unpackText(textOf(item, 'record')));
  return { ...record, origin: originOf(record) };
};

/** Events on record by `<type> <id>`. */
export const storedEvents = (cloud: Cloud): ReadonlyMap<string, StoredEvent> => {
  const byKey = new Map<string, Item[]>();
  for (const item of cloud.tableOf('EVENT_TABLE_NAME').all()) {
    const pk = textOf(item, 'pk');
    const known = byKey.get(pk);
    if (known) known.push(item);
    else byKey.set(pk, [item]);
  }
  return new Map(
    [...byKey].map(([pk, items]) => {
      const [, eventType, ...id] = pk.split('#');
      const event = items.find((item) => textOf(item, 'sk') === 'EVENT');
      const of = (prefix: string) => items.filter((item) => textOf(item, 'sk').startsWith(prefix)).map(decisionOf);
      return [
        `${eventType} ${id.join('#')}`,
        {
          contentHash: event ? textOf(event, 'contentHash') : '',
          origin: event ? textOf(event, 'origin') : '',
          decisions: of('D#'),
          rivals: of('R#'),
        },
      ];
    }),
  );
};

/** Records of files and of their chunks. */
export const storedFiles = (cloud: Cloud) => {
  const files: StoredFile[] = [];
  const chunks: { readonly fileId: string; readonly sequence: number; readonly status: string }[] = [];
  for (const item of cloud.tableOf('FILE_TABLE_NAME').all()) {
    if (!item.record || !('S' in item.record)) continue;
    const record = JSON.parse(item.record.S);
    const sk = textOf(item, 'sk');
    if (sk === 'FILE') files.push(record);
    else if (sk.startsWith('C#')) chunks.push(record);
  }
  return { files, chunks };
};

/** How a row ended, as a file of results says. */
export interface EndedRow {
  readonly row: number;
  readonly eventId: string;
  readonly disposition: string;
  readonly detector: string;
}

/** The first cells of each line: numbers, names and ids of ours, which need no quotes. A parser would take far longer. */
const firstCells = (bytes: Buffer | undefined, count: number): readonly string[][] =>
  (bytes?.toString('utf8') ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(',', count));

const endedOf = ([row, eventId = '', disposition = '', detector = '']: readonly string[]): EndedRow => ({
  row: Number(row),
  eventId,
  disposition,
  detector,
});

/** An object of the results bucket, without its header. */
const joinedCells = (cloud: Cloud, key: string | undefined, count: number): readonly string[][] =>
  key === undefined ? [] : firstCells(cloud.s3.bytesOf(cloud.bucketOf('RESULT_BUCKET_NAME'), key), count).slice(1);

/** Lines of a file's joined results. */
export const resultsOf = (cloud: Cloud, { resultsKey }: StoredFile): readonly EndedRow[] =>
  joinedCells(cloud, resultsKey, 4).map(endedOf);

/** Lines of the results of a batch's chunks, which nobody joins. */
export const chunkResultsOf = (cloud: Cloud, fileId: string): readonly EndedRow[] => {
  const bucket = cloud.bucketOf('RESULT_BUCKET_NAME');
  const keys = cloud.s3.keys(bucket, `chunks/${fileId}/`);
  return keys.flatMap((key) => firstCells(cloud.s3.bytesOf(bucket, key), 4).map(endedOf));
};

/** Numbers of a file's rows that are in quarantine. */
export const rejectsOf = (cloud: Cloud, { rejectsKey }: StoredFile): ReadonlySet<number> =>
  new Set(joinedCells(cloud, rejectsKey, 1).map(([row]) => Number(row)));
