import { expect, test } from '@jest/globals';
import type { Bomb } from './bomb.ts';
import { damageOf } from './bomb-squad.ts';
import { BOMBS } from './bombs.ts';
import { GROUPS } from './groups.ts';

// The bombs themselves go off once in a run of the tests: as a group of the proof (test/prove/prove.test.ts), which says
// which of them breaks a bound.
test('all of them are in the proof that runs with the tests, each under a name of its own', () => {
  expect(GROUPS).toContainEqual(expect.objectContaining({ name: 'bombs', quick: `${BOMBS.length} bombs` }));
  expect(BOMBS.length).toBeGreaterThan(30);
  expect(new Set(BOMBS.map(({ name }) => name)).size).toBe(BOMBS.length);
});

test('a bomb that takes too much, or is taken for something else, is told', () => {
  const bomb: Bomb = { name: 'b', key: 'k', make: () => Buffer.alloc(0), reasons: ['too_large'] };
  const blast = { name: 'b', ms: 1, cpuMs: 1, mostMb: 1, rows: 0, refused: true, reasons: { too_large: 1 } };

  expect(damageOf([bomb], [blast])).toEqual([]);
  expect(damageOf([bomb], [{ ...blast, cpuMs: 5_001 }])).toEqual(['b: took 5001 ms']);
  expect(damageOf([bomb], [{ ...blast, mostMb: 257 }])).toEqual(['b: took 257 MB']);
  expect(damageOf([bomb], [{ ...blast, reasons: {} }])).toEqual(['b: nothing of it is in quarantine']);
  expect(damageOf([bomb], [{ ...blast, reasons: { not_text: 1 } }])).toEqual(['b: is in quarantine as not_text']);
  expect(damageOf([bomb], [])).toEqual(['b: ended the process that read it']);
});
