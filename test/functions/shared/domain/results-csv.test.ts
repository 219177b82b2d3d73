import { expect, test } from '@jest/globals';

import { rejectLines, resultLines } from '#domain/results-csv.ts';
import { aDecision } from '../../../support/decisions.ts';

const row = (eventId: string) => ({ row: 1, eventId, disposition: 'decided' as const, decisions: [] });

test('a row has a line for each decision, with what decided it', () => {
  const degraded = [{ what: 'member:remote', why: 'timeout' as const, spentMs: 150 }];
  const decisions = [
    aDecision({ score: 987, probability: 0.25, outcomes: ['review', 'call'], rung: 'survivors', degraded }),
    aDecision({ detector: 'other', rules: [] }),
  ];

  expect(resultLines([{ ...row('e-1'), decisions }])).toBe(
    '1,e-1,decided,card-payments,987,0.25,review|call,large,survivors,member:remote=timeout\n' +
      '1,e-1,decided,other,,,review,,full,\n',
  );
});

test('a row without decisions has one line', () => {
  expect(resultLines([{ ...row('e-1'), disposition: 'conflict' }])).toBe('1,e-1,conflict,,,,,,,\n');
});

test.each([
  { id: '=cmd()', cell: "'=cmd()" },
  { id: '+1', cell: "'+1" },
  { id: '-1', cell: "'-1" },
  { id: '@x', cell: "'@x" },
  { id: 'a"b', cell: '"a""b"' },
  { id: 'a,b', cell: '"a,b"' },
  { id: '=a,"b', cell: '"\'=a,""b"' },
  { id: 'e=1', cell: 'e=1' },
])('an id that a spreadsheet would run is text: $id', ({ id, cell }) => {
  expect(resultLines([row(id)])).toBe(`1,${cell},decided,,,,,,,\n`);
});

test('a reject has a line for each problem', () => {
  const problems = [
    { field: 'eventId', reason: 'missing_field', problem: 'give each event an id' },
    { field: 'variables.a', reason: 'wrong_type', problem: 'send a number, such as 1' },
  ];

  expect(rejectLines([{ row: 3, line: 5, problems }])).toBe(
    '3,5,eventId,missing_field,give each event an id\n3,5,variables.a,wrong_type,"send a number, such as 1"\n',
  );
});
