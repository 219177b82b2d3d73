import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Group } from './group.ts';
import { duplicates, reordering } from './groups/deliveries.ts';
import { endpoints } from './groups/endpoints.ts';
import { dynamodb, throttles } from './groups/faults.ts';
import { history } from './groups/history.ts';
import { kills, latePromises } from './groups/kills.ts';
import { load, seeds } from './groups/load.ts';
import { memory } from './groups/memory.ts';
import { objects } from './groups/objects.ts';
import { outages } from './groups/outages.ts';
import { redrive } from './groups/redrive.ts';
import { ROOT } from './prepared.ts';

/** The groups of this folder, in the order of the table. */
export const OWN_GROUPS: readonly Group[] = [
  load,
  seeds,
  duplicates,
  reordering,
  kills,
  throttles,
  dynamodb,
  history,
  ...outages,
  endpoints,
  objects,
  latePromises,
  memory,
  redrive,
];

/** Where groups of other parts of the tree are; each exports `GROUPS`. */
const ELSEWHERE = ['test/system/groups.ts', 'test/hostile/groups.ts', 'bench/groups.ts'];

/** Every group of the proof. */
export const allGroups = async (): Promise<readonly Group[]> => {
  const others = ELSEWHERE.map((path) => join(ROOT, path)).filter((path) => existsSync(path));
  const modules = await Promise.all(others.map((path) => import(pathToFileURL(path).href)));
  return [...OWN_GROUPS, ...modules.flatMap(({ GROUPS }: { GROUPS: readonly Group[] }) => GROUPS)];
};
