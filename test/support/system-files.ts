import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';

import type { DroppedObject } from '../../bin/system/client.ts';
import { type FileReport, followFile } from '../../bin/system/follow.ts';
import type { SystemClients } from './system.ts';

/** Puts content into the inbox under any key, as any client of S3 does. */
export const dropContent = async (
  { s3, system }: Pick<SystemClients, 's3' | 'system'>,
  key: string,
  content: string | Uint8Array,
): Promise<DroppedObject> => {
  const { VersionId = '' } = await s3.send(
    new PutObjectCommand({ Bucket: system.inboxBucket, Key: key, Body: content }),
  );
  return { bucket: system.inboxBucket, key, versionId: VersionId, bytes: Buffer.byteLength(content) };
};

const LONGEST_MS = 45_000;

/** How a dropped file ended. @throws when it has not after 45 seconds. */
export const endOfFile = ({ client }: Pick<SystemClients, 'client'>, dropped: DroppedObject): Promise<FileReport> =>
  followFile(client, dropped, Date.now(), () => {}, AbortSignal.timeout(LONGEST_MS));

/** Lines of an object of the results bucket, by column. */
export const linesOf = async (
  { s3, system }: Pick<SystemClients, 's3' | 'system'>,
  key: string | undefined,
): Promise<readonly Readonly<Record<string, string>>[]> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: system.resultBucket, Key: key }));
  return parse(await Body!.transformToString(), { columns: true });
};

/** A CSV file of plain cells. */
export const csvOf = (header: string, rows: readonly (readonly (string | number)[])[]): string =>
  [header, ...rows.map((cells) => cells.join(','))].map((line) => `${line}\n`).join('');
