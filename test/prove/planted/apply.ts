import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ROOT } from '../prepared.ts';
import type { Change, PlantedBug } from './planted-bug.ts';

/** Every planted bug, by name. */
export const plantedBugs = async (): Promise<readonly PlantedBug[]> => {
  const files = globSync('bugs/*.ts', { cwd: import.meta.dirname }).sort();
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(join(import.meta.dirname, file)).href)));
  return modules.map(({ bug }: { bug: PlantedBug }) => bug);
};

/** A file's text with a change made. @throws {Error} when what is to be changed stands there not once. */
export const changed = (text: string, { file, find, replace }: Change): string => {
  const times = text.split(find).length - 1;
  if (times === 1) return text.replace(find, () => replace);
  throw new Error(`${file} has what is to be changed ${times} times instead of once; bring the planted bug up to date`);
};

/** Why a bug can no longer be planted; undefined when it can. */
export const staleReason = ({ changes }: PlantedBug): string | undefined => {
  const texts = new Map<string, string>();
  try {
    for (const change of changes) {
      const before = texts.get(change.file) ?? readFileSync(join(ROOT, change.file), 'utf8');
      texts.set(change.file, changed(before, change));
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** A copy of the functions, in a folder of its own. */
export interface Copy {
  readonly root: string;
  remove(): void;
}

/** Copies the functions and plants a bug in the copy; none for the control. */
export const plant = (bug?: PlantedBug): Copy => {
  const root = mkdtempSync(join(tmpdir(), 'assay-planted-'));
  cpSync(join(ROOT, 'functions'), join(root, 'functions'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const change of bug?.changes ?? []) {
    const file = join(root, change.file);
    writeFileSync(file, changed(readFileSync(file, 'utf8'), change));
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
};
