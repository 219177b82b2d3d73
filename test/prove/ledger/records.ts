import { parse } from 'csv-parse/sync';

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
  const record = JSON.parse(textOf(item, 'record'));
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

const RESULT_COLUMNS = ['row', 'event_id', 'disposition', 'detector'] as const;

const linesOf = (bytes: Buffer | undefined, columns: readonly string[] | true): Record<string, string>[] =>
  bytes ? parse(bytes, { columns: columns === true ? true : [...columns], relax_column_count: true }) : [];

const endedOf = (line: Record<string, string>): EndedRow => ({
  row: Number(line.row),
  eventId: (line.event_id ?? '').replace(/^'/, ''),
  disposition: line.disposition ?? '',
  detector: line.detector ?? '',
});

/** Lines of a file's joined results. */
export const resultsOf = (cloud: Cloud, { resultsKey }: StoredFile): readonly EndedRow[] =>
  resultsKey === undefined
    ? []
    : linesOf(cloud.s3.bytesOf(cloud.bucketOf('RESULT_BUCKET_NAME'), resultsKey), true).map(endedOf);

/** Lines of the results of a batch's chunks, which nobody joins. */
export const chunkResultsOf = (cloud: Cloud, fileId: string): readonly EndedRow[] => {
  const bucket = cloud.bucketOf('RESULT_BUCKET_NAME');
  return cloud.s3
    .keys(bucket, `chunks/${fileId}/`)
    .flatMap((key) => linesOf(cloud.s3.bytesOf(bucket, key), RESULT_COLUMNS).map(endedOf));
};

/** Numbers of a file's rows that are in quarantine. */
export const rejectsOf = (cloud: Cloud, { rejectsKey }: StoredFile): ReadonlySet<number> =>
  new Set(
    rejectsKey === undefined
      ? []
      : linesOf(cloud.s3.bytesOf(cloud.bucketOf('RESULT_BUCKET_NAME'), rejectsKey), true).map(({ row }) => Number(row)),
  );
