import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where the lines of one function go. */
export interface LogFile {
  /** Adds lines, each ended by a line break; what comes next to each other stays together. */
  write(text: string): void;
}

/** A day's file is put aside when it reaches this size. */
const LARGEST_FILE_BYTES = 10 * 1024 * 1024;
/** Files that a function keeps beside the current one; the oldest go. */
const MOST_OLD_FILES = 5;

/**
 * Opens the log of a function: `<directory>/<date>.log`, and `<date>.<n>.log` for what was put aside during a day.
 *
 * @param limits - for tests.
 */
export const openLogFile = (
  directory: string,
  { now = Date.now, largestFileBytes = LARGEST_FILE_BYTES }: { now?: () => number; largestFileBytes?: number } = {},
): LogFile => {
  mkdirSync(directory, { recursive: true });
  let path = '';
  let bytes = 0;

  const choose = (date: string): void => {
    const wanted = join(directory, `${date}.log`);
    if (wanted === path) return;
    path = wanted;
    bytes = existsSync(path) ? statSync(path).size : 0;
    prune(directory, `${date}.log`);
  };

  const putAside = (date: string): void => {
    const taken = readdirSync(directory).map((name) => Number(/^\d{4}-\d\d-\d\d\.(\d+)\.log$/.exec(name)?.[1] ?? 0));
    renameSync(path, join(directory, `${date}.${Math.max(0, ...taken) + 1}.log`));
    bytes = 0;
    prune(directory, `${date}.log`);
  };

  return {
    write(text) {
      const date = new Date(now()).toISOString().slice(0, 10);
      choose(date);
      const length = Buffer.byteLength(text);
      if (bytes > 0 && bytes + length > largestFileBytes) putAside(date);
      appendFileSync(path, text, { mode: 0o600 });
      bytes += length;
    },
  };
};

/** Deletes all old files but the newest, by date and then by number; a day's file without a number is its newest. */
const prune = (directory: string, current: string): void => {
  const ordered = readdirSync(directory)
    .filter((name) => name !== current)
    .map((name) => /^(\d{4}-\d\d-\d\d)(?:\.(\d+))?\.log$/.exec(name))
    .filter((match) => match !== null)
    .map(([name, date = '', number]) => ({ name, date, number: Number(number ?? Number.MAX_SAFE_INTEGER) }))
    .sort((one, other) => (one.date === other.date ? one.number - other.number : one.date < other.date ? -1 : 1));
  for (const { name } of ordered.slice(0, -MOST_OLD_FILES)) rmSync(join(directory, name), { force: true });
};

/** A stream's text as whole lines: an environment's line is never torn apart by another's. */
export const wholeLines = (write: (text: string) => void): { add(text: string): void; end(): void } => {
  let rest = '';
  return {
    add(text) {
      const end = text.lastIndexOf('\n') + 1;
      if (end > 0) write(rest + text.slice(0, end));
      rest = end > 0 ? text.slice(end) : rest + text;
      if (rest.length <= LONGEST_LINE) return;
      write(`${rest}\n`);
      rest = '';
    },
    end() {
      if (rest !== '') write(`${rest}\n`);
      rest = '';
    },
  };
};

/** CloudWatch's own limit for one event. */
const LONGEST_LINE = 256 * 1024;
