import { describe, expect, test } from '@jest/globals';
import { inputFor } from '#local/events/input.ts';
import { readPattern } from '#local/events/pattern.ts';
import { readSchedule } from '#local/events/schedule.ts';

const event = {
  source: 'aws.cloudformation',
  'detail-type': 'CloudFormation Stack Status Change',
  resources: ['arn:aws:cloudformation:eu-west-1:1:stack/data/1'],
  detail: {
    'stack-id': 'arn:stack',
    'status-details': { status: 'UPDATE_COMPLETE' },
    count: 7,
    flag: true,
    nothing: null,
    empty: [],
    list: [{ kind: 'a' }, { kind: 'b' }],
    text: 'say "hi"',
  },
};

describe('patterns', () => {
  test.each([
    [{ source: ['aws.cloudformation'] }, true],
    [{ source: ['aws.s3', 'aws.cloudformation'] }, true],
    [{ source: ['aws.s3'] }, false],
    [{ resources: [{ prefix: 'arn:aws:cloudformation' }] }, true],
    [{ source: [{ suffix: '.s3' }] }, false],
    [{ source: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }, true],
    [{ source: [{ 'equals-ignore-case': 'AWS.CloudFormation' }] }, true],
    [{ source: [{ wildcard: 'aws.*form*' }] }, true],
    [{ detail: { 'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE'] } } }, true],
    [{ detail: { 'status-details': { status: ['CREATE_COMPLETE'] } } }, false],
    [{ source: ['aws.cloudformation'], detail: { count: [8] } }, false],
    [{ detail: { count: [{ numeric: ['>', 5, '<=', 7] }] } }, true],
    [{ detail: { count: [{ numeric: ['<', 7] }] } }, false],
    [{ detail: { text: [{ numeric: ['>', 0] }] } }, false],
    [{ detail: { flag: [true] } }, true],
    [{ detail: { flag: ['true'] } }, false],
    [{ detail: { nothing: [null] } }, true],
    [{ detail: { missing: [null] } }, false],
    [{ detail: { missing: [{ exists: false }] } }, true],
    [{ detail: { count: [{ exists: false }] } }, false],
    [{ detail: { empty: [{ exists: true }] } }, false],
    [{ detail: { count: [{ 'anything-but': [1, 2] }] } }, true],
    [{ detail: { count: [{ 'anything-but': 7 }] } }, false],
    [{ detail: { text: [{ 'anything-but': { prefix: 'say' } }] } }, false],
    [{ detail: { missing: [{ 'anything-but': 1 }] } }, false],
    [{ detail: { list: { kind: ['b'] } } }, true],
    [{ detail: { list: { kind: ['c'] } } }, false],
    [{ $or: [{ source: ['aws.s3'] }, { detail: { count: [7] } }] }, true],
    [{ source: ['aws.cloudformation'], detail: { $or: [{ count: [1] }, { flag: [false] }] } }, false],
  ])('%j: %s', (pattern, expected) => {
    expect(readPattern(pattern)(event)).toBe(expected);
  });

  test.each([
    [{ source: [{ cidr: '10.0.0.0/8' }] }],
    [{ source: 'aws.s3' }],
    [{ source: [] }],
    [{ detail: { count: [{ numeric: ['!=', 1] }] } }],
  ])('%j is refused', (pattern) => {
    expect(() => readPattern(pattern)).toThrow('EventPattern.');
  });
});

describe('what a target gets', () => {
  test.each([
    [{}, JSON.stringify(event)],
    [{ Input: '{"a":1}' }, '{"a":1}'],
    [{ InputPath: '$.detail.count' }, '7'],
    [{ InputPath: '$.resources[0]' }, JSON.stringify(event.resources[0])],
    [{ InputPath: '$.detail.missing' }, 'null'],
    [
      {
        InputTransformer: {
          InputPathsMap: { id: '$.detail.stack-id', n: '$.detail.count', t: '$.detail.text', none: '$.x' },
          InputTemplate: '{"id":<id>,"n":<n>,"say":"<t>: <n>","none":<none>,"less":"1 < 2"}',
        },
      },
      '{"id":"arn:stack","n":7,"say":"say \\"hi\\": 7","none":null,"less":"1 < 2"}',
    ],
  ])('%j', (target, expected) => {
    expect(inputFor(target, event)).toBe(expected);
  });
});

describe('schedules', () => {
  const at = (text: string) => Date.parse(text);
  test.each([
    ['rate(5 minutes)', '2026-11-22T06:15:00Z', '2026-11-22T06:20:00Z'],
    ['rate(1 day)', '2026-11-22T06:15:00Z', '2026-11-23T06:15:00Z'],
    ['cron(0 3 * * ? *)', '2026-11-22T06:15:00Z', '2026-11-23T03:00:00Z'],
    ['cron(0/15 * * * ? *)', '2026-11-22T06:15:00Z', '2026-11-22T06:30:00Z'],
    ['cron(30 18 ? * MON-FRI *)', '2026-11-20T18:30:00Z', '2026-11-23T18:30:00Z'],
    ['cron(0 0 29 FEB ? *)', '2026-11-22T06:15:00Z', '2028-02-29T00:00:00Z'],
    ['cron(0 12 1,15 1/6 ? *)', '2026-07-15T12:00:00Z', '2027-01-01T12:00:00Z'],
  ])('%s after %s is due at %s', (expression, after, due) => {
    expect(readSchedule(expression)(at(after))).toBe(at(due));
  });

  test('a schedule whose years are over is never due again', () => {
    expect(readSchedule('cron(0 0 1 1 ? 2020)')(at('2026-01-01T00:00:00Z'))).toBeUndefined();
  });

  test.each([
    'rate(0 minutes)',
    'rate(5 fortnights)',
    'cron(0 3 L * ? *)',
    'cron(61 3 * * ? *)',
    'cron(0 3 * *)',
    'every day',
  ])('%s is refused', (expression) => {
    expect(() => readSchedule(expression)).toThrow(expression);
  });
});
