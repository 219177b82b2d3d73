import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Bomb } from './bomb.ts';

/** What reading a bomb came to. */
export interface Blast {
  readonly name: string;
  readonly ms: number;
  /** Time of a processor: what it would take on a machine that does nothing else. */
  readonly cpuMs: number;
  /** Most memory of the whole process so far, Node itself and all bombs before included. */
  readonly mostMb: number;
  readonly rows: number;
  /** Whether no row was read at all. */
  readonly refused: boolean;
  readonly reasons: Readonly<Record<string, number>>;
}

/** As much as a function has of 512 MB, less what is not the heap: whoever needs more dies here. */
const HEAP = ['--max-old-space-size=96', '--max-semi-space-size=8'];

/** What reading any file may take. */
export const MOST_MB = 256;
export const MOST_MS = 5_000;

/** Reads bombs in one process of their own, one after the other. */
export const detonate = async (bombs: readonly Bomb[]): Promise<readonly Blast[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bombs-'));
  try {
    for (const [index, { make }] of bombs.entries()) writeFileSync(join(folder, String(index)), make());
    writeFileSync(join(folder, 'list.json'), JSON.stringify(bombs.map(({ name, key }) => ({ name, key }))));
    const script = join(import.meta.dirname, 'bomb-process.ts');
    return blastsIn(await outputOf([...HEAP, script, folder], 8 * MOST_MS * bombs.length));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** What a process printed, however it ended. */
const outputOf = (args: readonly string[], timeout: number): Promise<string> =>
  new Promise((resolve) => {
    const options = { timeout, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 ** 2 } as const;
    execFile(process.execPath, [...args], options, (_, stdout) => resolve(stdout));
  });

const blastsIn = (output: string): readonly Blast[] =>
  output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Blast | { readonly rows?: never })
    .filter((printed): printed is Blast => printed.rows !== undefined);

/** What of the blasts breaks the bounds, or does not end in quarantine for a reason that fits. */
export const damageOf = (bombs: readonly Bomb[], blasts: readonly Blast[]): readonly string[] =>
  bombs.flatMap((bomb, index) => {
    const blast = blasts.find(({ name }) => name === bomb.name);
    if (blast) return damageOfOne(bomb, blast);
    // Those behind the one that ended the process were never read.
    return index === blasts.length ? [`${bomb.name}: ended the process that read it`] : [];
  });

const damageOfOne = ({ name, reasons: expected }: Bomb, { cpuMs, mostMb, reasons }: Blast): readonly string[] => {
  const given = Object.keys(reasons);
  const others = given.filter((reason) => !expected.includes(reason));
  return [
    ...(cpuMs > MOST_MS ? [`${name}: took ${cpuMs} ms`] : []),
    ...(mostMb > MOST_MB ? [`${name}: took ${mostMb} MB`] : []),
    ...(expected.length > 0 && given.length === 0 ? [`${name}: nothing of it is in quarantine`] : []),
    ...others.map((reason) => `${name}: is in quarantine as ${reason}`),
  ];
};
