import { type Group, resultOf } from '../prove/group.ts';
import { apiBodies } from './api-bodies.ts';
import { damageOf, detonate, MOST_MB, MOST_MS } from './bomb-squad.ts';
import { BOMBS } from './bombs.ts';
import { openDoors } from './doors.ts';
import { badFiles } from './files.ts';
import { differenceOf, FIXED_BODIES } from './fixed-bodies.ts';
import { s3Keys } from './keys.ts';

/** Sends the bodies that are wrong in one way each. */
const fixedBodies: Group = {
  name: 'fixed-api-bodies',
  quick: `${FIXED_BODIES.length} fixed bodies`,
  run: async ({ seed }) => {
    const problems: string[] = [];
    for (const body of FIXED_BODIES) {
      const difference = differenceOf(body, await openDoors().send(body.call));
      if (difference) problems.push(difference);
    }
    return resultOf(
      { counts: { bodies: FIXED_BODIES.length }, seeds: [seed] },
      'each has its status, code and fields',
      problems,
    );
  },
};

/** Reads bombs in a process of their own. */
const bombs: Group = {
  name: 'bombs',
  quick: `${BOMBS.length} bombs`,
  run: async ({ seed }) => {
    const blasts = await detonate(BOMBS);
    const most = (of: (blast: (typeof blasts)[number]) => number): number => Math.max(0, ...blasts.map(of));
    const counts = { bombs: blasts.length, mostMb: most(({ mostMb }) => mostMb), mostMs: most(({ cpuMs }) => cpuMs) };
    const held = `each is in quarantine, within ${MOST_MB} MB and ${MOST_MS} ms`;
    return resultOf({ counts, seeds: [seed] }, held, damageOf(BOMBS, blasts));
  },
};

/** Rows of the table of proof about bad input. */
export const GROUPS: readonly Group[] = [apiBodies, fixedBodies, badFiles, s3Keys, bombs];
