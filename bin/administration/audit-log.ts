import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { DynamoAuditTrail } from '#adapters/dynamo-audit-trail.ts';
import { type AuditEntry, AuditEntrySchema, auditKey } from '#domain/audit.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import type { System } from '../system/system.ts';
import type { AuditLog, StoredPlace } from './verify-audit.ts';

const LONG_MS = 60_000;
/** Entries that are read at once. */
const SIDE_BY_SIDE = 20;

/** The audit log of a system: its bucket, and what waits in its registry. */
export class SystemAuditLog implements AuditLog {
  readonly #system: System;
  readonly #s3: S3Client;
  readonly #dynamoDb: DynamoDBClient;
  readonly #trail: DynamoAuditTrail;

  constructor(system: System) {
    const { region, endpoint, credentials } = system;
    const settings = { region, ...(endpoint && { endpoint }), ...(credentials && { credentials }) };
    this.#system = system;
    this.#s3 = new S3Client({ ...settings, ...(endpoint && { forcePathStyle: true }) });
    this.#dynamoDb = new DynamoDBClient(settings);
    const call = createAwsCaller({ random: Math.random, metrics: silentMetrics });
    this.#trail = new DynamoAuditTrail(this.#dynamoDb, system.registryTable, call);
  }

  end = () => this.#trail.end(deadlineIn(LONG_MS));

  waiting = () => this.#trail.undelivered(deadlineIn(LONG_MS));

  async *stored(): AsyncGenerator<StoredPlace> {
    // Versions of one key come together, the newest first; a key may go on behind the end of a page.
    let open: Version[] = [];
    for await (const page of this.#pages()) {
      for (const version of versionsOf(page)) {
        if (open[0] && open[0].key !== version.key) {
          yield await this.#placeOf(open);
          open = [];
        }
        open.push(version);
      }
    }
    if (open.length > 0) yield await this.#placeOf(open);
  }

  /** The newest entries, oldest first: of the bucket, or of the registry while they wait. */
  async newest(count: number): Promise<readonly AuditEntry[]> {
    const { sequence: last } = await this.end();
    const waiting = new Map((await this.waiting()).map((entry) => [entry.sequence, entry]));
    const first = Math.max(1, last - count + 1);
    const entries: AuditEntry[] = [];
    for (let from = first; from <= last; from += SIDE_BY_SIDE) {
      const to = Math.min(last, from + SIDE_BY_SIDE - 1);
      const sequences = Array.from({ length: to - from + 1 }, (_, index) => from + index);
      entries.push(...(await Promise.all(sequences.map(async (at) => waiting.get(at) ?? this.#entry(at)))));
    }
    return entries;
  }

  close(): void {
    this.#s3.destroy();
    this.#dynamoDb.destroy();
  }

  async *#pages(): AsyncGenerator<ListObjectVersionsCommandOutput> {
    let from: Pick<ListObjectVersionsCommandOutput, 'NextKeyMarker' | 'NextVersionIdMarker'> = {};
    for (;;) {
      const page: ListObjectVersionsCommandOutput = await this.#s3.send(
        new ListObjectVersionsCommand({
          Bucket: this.#system.auditBucket,
          Prefix: 'entries/',
          KeyMarker: from.NextKeyMarker,
          VersionIdMarker: from.NextVersionIdMarker,
        }),
      );
      yield page;
      if (!page.IsTruncated) return;
      from = page;
    }
  }

  async #placeOf(versions: readonly Version[]): Promise<StoredPlace> {
    const { key, versionId, marker } = versions.at(-1)!;
    const sequence = Number(/^entries\/(\d{12})\.json$/.exec(key)?.[1] ?? Number.NaN);
    const content = marker ? undefined : await this.#read(key, versionId);
    return { sequence, content, later: versions.length - 1 };
  }

  async #entry(sequence: number): Promise<AuditEntry> {
    const parsed = AuditEntrySchema.safeParse(await this.#read(auditKey(sequence)));
    if (parsed.success) return parsed.data;
    throw new Error(`entry ${sequence} cannot be read; run 'assay audit verify'`);
  }

  async #read(Key: string, VersionId?: string): Promise<unknown> {
    const command = new GetObjectCommand({ Bucket: this.#system.auditBucket, Key, VersionId });
    const { Body } = await this.#s3.send(command);
    try {
      return JSON.parse((await Body?.transformToString()) ?? '');
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}

interface Version {
  readonly key: string;
  readonly versionId: string;
  readonly marker: boolean;
  readonly modified: number;
}

/** Versions and markers of a page in one order: by key, and of one key the newest first. */
const versionsOf = ({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput): readonly Version[] => {
  const read = (marker: boolean) => (entry: { Key?: string; VersionId?: string; LastModified?: Date }) => ({
    key: entry.Key ?? '',
    versionId: entry.VersionId ?? 'null',
    marker,
    modified: entry.LastModified?.getTime() ?? 0,
  });
  const all = [...Versions.map(read(false)), ...DeleteMarkers.map(read(true))];
  return all.sort((left, right) =>
    left.key === right.key ? right.modified - left.modified : left.key < right.key ? -1 : 1,
  );
};
