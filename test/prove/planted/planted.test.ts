import { describe, expect, test } from '@jest/globals';

import { changed, plantedBugs, staleReason } from './apply.ts';

const bugs = await plantedBugs();

describe('planted bugs', () => {
  test.each(bugs)('$name can still be planted', (bug) => {
    expect(staleReason(bug)).toBeUndefined();
  });

  test('there are many, of every kind, each under a name of its own', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(16);
    expect(new Set(bugs.map(({ harm }) => harm)).size).toBe(5);
    expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length);
  });

  test.each([
    { text: 'one two', times: 0 },
    { text: 'three three', times: 2 },
  ])('a text that stands there $times times is not changed', ({ text, times }) => {
    const change = { file: 'functions/x.ts', find: 'three', replace: 'four' };

    expect(() => changed(text, change)).toThrow(`${times} times instead of once`);
  });

  test('a change is taken as it is written', () => {
    expect(changed('a three b', { file: 'x', find: 'three', replace: '$& and $1' })).toBe('a $& and $1 b');
  });
});
