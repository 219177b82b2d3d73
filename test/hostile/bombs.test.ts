import { beforeAll, describe, expect, test } from '@jest/globals';

import { type Blast, damageOf, detonate, MOST_MB, MOST_MS } from './bomb-squad.ts';
import { BOMBS, type Bomb } from './bombs.ts';

describe(`within ${MOST_MB} MB and ${MOST_MS / 1_000} seconds, and in quarantine at the end`, () => {
  let blasts: readonly Blast[] = [];
  beforeAll(async () => {
    blasts = await detonate(BOMBS);
  }, 300_000);

  test.each(BOMBS)('$name', (bomb) => {
    const blast = blasts.filter(({ name }) => name === bomb.name);

    expect({ blast: blast.length, damage: damageOf([bomb], blast) }).toEqual({ blast: 1, damage: [] });
  });
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
