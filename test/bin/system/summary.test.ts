import { expect, test } from '@jest/globals';

import { examplesFor } from '../../../bin/system/examples.ts';
import { summaryOf } from '../../../bin/system/summary.ts';
import { aSystemAt } from '../../support/a-system.ts';
import { wordsOf } from '../../support/words.ts';

const report = {
  rows: 1_250,
  counts: { decided: 1_200, duplicate: 10, conflict: 5, quarantined: 30, dead: 5 },
  outcomes: { approve: 2_390, review: 10 },
  rules: { likely_fraud: 12 },
  quarantineReasons: { bad_time: 30 },
  degraded: 3,
  seconds: 2.5,
  resultsAt: '/somewhere/results.csv',
};

test('a summary says how all rows ended, what was decided and why, how fast, and where the results are', () => {
  const text = wordsOf(summaryOf(report));

  expect(text).toContain('1,250 rows = 1,200 decided + 10 duplicate + 5 conflict + 30 quarantined + 5 dead');
  expect(text).toContain('approve 2,390 99.58 %');
  expect(text).toContain('likely_fraud 12 1.00 %');
  expect(text).toContain('bad_time 30 2.40 %');
  expect(text).toContain('3 decisions were degraded');
  expect(text).toContain('500 events per second, 2.5 s');
  expect(text).toContain('results: /somewhere/results.csv');
  expect(text).not.toContain('rejects:');
});

test('a summary names the file by the id that other commands ask for', () => {
  const fileId = '0123456789abcdef01234567';

  expect(wordsOf(summaryOf({ ...report, fileId }))).toContain(`file id: ${fileId}`);
  expect(wordsOf(summaryOf(report))).not.toContain('file id');
});

test('rows that do not add up are shown as such', () => {
  expect(wordsOf(summaryOf({ ...report, rows: 1_251 }))).toContain('1,251 rows ≠ 1,200 decided');
});

test('a file that is in quarantine as a whole says why and what to do, and no figures', () => {
  const problem = 'the text is UTF-16; save it as UTF-8 and drop it again';

  const text = wordsOf(summaryOf({ ...report, status: 'quarantined', reason: 'utf_16', problem }));

  expect(text).toContain(`(utf_16): ${problem}`);
  expect(text).not.toContain('rows');
});

test('of a file of feedback it says what was recorded', () => {
  const text = wordsOf(summaryOf({ ...report, purpose: 'feedback' }));

  expect(text).toContain('1,250 rows = 1,200 recorded + 10 duplicate');
  expect(text).toContain('what was said');
  expect(text).not.toContain('decided');
});

test('examples are single lines whose quotes survive a shell', () => {
  const system = {
    ...aSystemAt('http://127.0.0.1:4011'),
    credentials: { accessKeyId: 'KEY', secretAccessKey: "se'cret" },
  };

  const examples = examplesFor(system, 'f00', new Date('2026-11-22T10:00:00Z'));

  expect(examples.map(({ title }) => title)).toEqual([
    'score an event',
    'read its decision',
    'send feedback',
    'check the file',
  ]);
  for (const { command } of examples) {
    expect(command).not.toContain('\n');
    expect(command).toContain("--user 'KEY:se'\\''cret'");
    expect(command).toContain('--aws-sigv4 aws:amz:eu-west-1:execute-api');
  }
  expect(examples[3]?.command).toContain('http://127.0.0.1:4011/local/v1/files/f00');
});
