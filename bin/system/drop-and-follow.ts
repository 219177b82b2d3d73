import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { AssayClient, DroppedObject } from './client.ts';
import { endedRows, type FileReport, followFile } from './follow.ts';
import type { Progress } from './progress.ts';

export interface DropOptions {
  readonly file: string;
  readonly eventType: string;
  readonly purpose: 'events' | 'feedback';
}

export interface FollowOptions {
  /** When the object was dropped. */
  readonly startedMs: number;
  /** Folder that results are copied into; absent: they stay in the bucket. */
  readonly resultsInto?: string;
  readonly signal?: AbortSignal;
}

/** What follows `events/<eventType>/` in the inbox: the file's name, with nothing that S3 keys make trouble of. */
const safeName = (file: string): string => basename(file).replace(/[^A-Za-z0-9._-]/g, '_');

/** Puts a file into the inbox. */
export const drop = (
  client: AssayClient,
  { file, eventType, purpose }: DropOptions,
  progress: Progress,
): Promise<DroppedObject> =>
  progress.step(`dropped ${basename(file)} into the inbox`, () =>
    client.drop(file, `${purpose}/${eventType}/${safeName(file)}`),
  );

/** Follows a dropped object to its end, with a bar, and copies its results where asked. */
export const follow = async (
  client: AssayClient,
  dropped: Pick<DroppedObject, 'bucket' | 'key' | 'versionId'>,
  { startedMs, resultsInto, signal }: FollowOptions,
  progress: Progress,
): Promise<FileReport> => {
  const counter = progress.counter('rows done');
  try {
    const report = await followFile(
      client,
      dropped,
      startedMs,
      (view) => counter.update(endedRows(view), view.rows),
      signal,
    );
    return resultsInto === undefined ? report : await copyResults(client, report, resultsInto);
  } finally {
    counter.stop();
  }
};

const copyResults = async (client: AssayClient, report: FileReport, folder: string): Promise<FileReport> => {
  const into = join(folder, report.fileId);
  mkdirSync(into, { recursive: true });
  const copy = async (key: string | undefined, name: string): Promise<string | undefined> => {
    if (!key) return undefined;
    const file = join(into, name);
    await client.fetchResult(key, file);
    return file;
  };
  const resultsAt = await copy(report.resultsKey, 'results.csv');
  const rejectsAt = await copy(report.rejectsKey, 'rejects.csv');
  return { ...report, ...(resultsAt && { resultsAt }), ...(rejectsAt && { rejectsAt }) };
};
