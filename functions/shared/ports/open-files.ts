import type { FileRecord } from '#domain/file-record.ts';
import type { Deadline } from './clock.ts';

/** A file, or a batch sent by API, that has not been found in balance yet. */
export interface OpenFile {
  readonly fileId: string;
  readonly openedAtMs: number;
  /** Undefined for a file whose beginning was broken off. */
  readonly record: FileRecord | undefined;
  /** Whether an invocation works on it. */
  readonly leased: boolean;
  /** How far it was at the last look that found it further than before, and when that was. */
  readonly seen?: { readonly progress: string; readonly atMs: number };
  /** How often it was made to move. */
  readonly redrives: number;
}

/** Finds the files that are still to be found in balance, without looking at any other. */
export interface OpenFiles {
  /** Ids, per shard in the order in which they were opened. A file opened a moment ago may be missing. */
  list(deadline: Deadline): AsyncIterable<string>;
  /** @returns undefined for a file that is not open. */
  look(fileId: string, deadline: Deadline): Promise<OpenFile | undefined>;
  /** Notes how far a file is. */
  noteProgress(fileId: string, progress: string, deadline: Deadline): Promise<void>;
  /** Notes that a file was made to move, so that its standing still counts from now. */
  noteRedrive(fileId: string, deadline: Deadline): Promise<void>;
  /** The file needs no further look, unless it was opened again since this one. */
  close(file: Pick<OpenFile, 'fileId' | 'openedAtMs'>, deadline: Deadline): Promise<void>;
}
