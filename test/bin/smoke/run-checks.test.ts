import { setTimeout as pause } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import { type Check, passed, runChecks } from '../../../bin/smoke/run-checks.ts';

const check = (name: string, run: Check['run']): Check => ({ name, remedy: `mend ${name}`, withinMs: 50, run });

test('every check runs, whatever became of those before it, and a failed one says what to do', async () => {
  const results = await runChecks([
    check('broken', async () => {
      throw new Error('it is not as it must be', { cause: new Error('the disk is full') });
    }),
    check('slow', () => pause(5_000, passed('too late'), { ref: false })),
    check('absent', async () => ({ status: 'skipped', detail: 'nothing to look at' })),
    check('well', async () => passed('as it must be')),
  ]);

  expect(results).toEqual([
    {
      name: 'broken',
      status: 'failed',
      ms: expect.any(Number),
      detail: 'it is not as it must be: the disk is full',
      remedy: 'mend broken',
    },
    { name: 'slow', status: 'failed', ms: expect.any(Number), detail: 'not within 0.05 s', remedy: 'mend slow' },
    { name: 'absent', status: 'skipped', ms: expect.any(Number), detail: 'nothing to look at' },
    { name: 'well', status: 'passed', ms: expect.any(Number), detail: 'as it must be' },
  ]);
});

test('where nothing listens, that is said instead of eight failures', async () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const run = async () => {
    throw new TypeError('fetch failed', { cause: refused });
  };

  await expect(runChecks([check('first', run), check('second', run)])).rejects.toThrow('fetch failed');
});
