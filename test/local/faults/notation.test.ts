import { describe, expect, test } from '@jest/globals';

import { FaultNotationError, faultsInWords, parseFault } from '#local/faults/notation.ts';

describe('a fault that is asked for', () => {
  test.each([
    { text: 'sagemaker=hang', full: 'sagemaker=hang:100%', does: 'hang', share: 1 },
    { text: 'sagemaker=5xx', full: 'sagemaker=5xx:100%', does: 'fail', share: 1 },
    { text: 'sagemaker=drip:40%', full: 'sagemaker=drip:40%', does: 'drip', share: 0.4 },
    { text: 'dynamodb=throttle:5%', full: 'dynamodb=throttle:5%', does: 'throttle', share: 0.05 },
    { text: 'dynamodb=conflict', full: 'dynamodb=conflict:2%', does: 'conflict', share: 0.02 },
    { text: 'dynamodb=unprocessed', full: 'dynamodb=unprocessed:5%', does: 'unprocessed', share: 0.05 },
    { text: 'sqs=duplicate:7%', full: 'sqs=duplicate:7%', does: 'duplicate', share: 0.07 },
    { text: 'sqs=reorder', full: 'sqs=reorder:30%', does: 'reorder', share: 0.3 },
    { text: ' sqs=partial-send ', full: 'sqs=partial-send:10%', does: 'partial-send', share: 0.1 },
    { text: 'lambda=kill:0.5%', full: 'lambda=kill:0.5%', does: 'kill', share: 0.005 },
    { text: 'lambda=freeze', full: 'lambda=freeze:2%', does: 'freeze', share: 0.02 },
    { text: 's3=overwrite', full: 's3=overwrite:100%', does: 'overwrite', share: 1 },
    { text: 's3=delete', full: 's3=delete:100%', does: 'delete', share: 1 },
  ])('$text is read as $full', ({ text, full, does, share }) => {
    expect(parseFault(text)).toMatchObject({ text: full, fault: { does, share }, beginMs: 0 });
    expect(parseFault(text)).not.toHaveProperty('lastsMs');
  });

  test('that loses the answers of commits meets transactions alone', () => {
    expect(parseFault('dynamodb=commit-then-timeout').fault).toMatchObject({
      does: 'lose-answer',
      operations: ['TransactWriteItems'],
    });
  });

  test('of garbage answers differently each time, and never with a probability', () => {
    const { does } = parseFault('sagemaker=garbage').fault;
    const answers = Array.from({ length: 5 }, () => (typeof does === 'function' ? does() : undefined));

    expect(new Set(answers.map((answer) => answer?.body)).size).toBe(5);
    expect(answers.every((answer) => answer?.status === 200)).toBe(true);
  });

  test.each([
    { text: 'dynamodb=outage:30s@10s', lastsMs: 30_000, beginMs: 10_000 },
    { text: 'sqs=outage:1.5m', lastsMs: 90_000, beginMs: 0 },
    { text: 'lambda=outage@500ms', lastsMs: 30_000, beginMs: 500 },
  ])('$text lasts $lastsMs ms from $beginMs ms on', ({ text, ...window }) => {
    expect(parseFault(text)).toMatchObject({ fault: { does: 'fail' }, ...window });
  });

  test('of any kind may begin later', () => {
    expect(parseFault('lambda=kill:3%@2s')).toMatchObject({ text: 'lambda=kill:3%@2s', beginMs: 2_000 });
  });

  test.each([
    { caller: 'arn:aws:iam::000000000000:user/developer', meets: false },
    { caller: 'arn:aws:iam::000000000000:role/worker', meets: true },
    { caller: 's3.amazonaws.com', meets: true },
  ])('meets $caller: $meets', ({ caller, meets }) => {
    expect(parseFault('dynamodb=throttle').fault.callers?.test(caller)).toBe(meets);
  });

  test.each([
    { text: 'hang', says: 'write service=kind, such as dynamodb=throttle:5%' },
    { text: 'dynamo=throttle', says: 'did you mean dynamodb?' },
    { text: 'kinesis=throttle', says: 'there are dynamodb, lambda, s3, sagemaker, sqs' },
    { text: 'dynamodb=throtle', says: 'did you mean throttle? there are throttle, conflict' },
    { text: 'sqs=hang', says: 'there are throttle, duplicate, reorder, partial-send, outage' },
    { text: 'sqs=toString', says: "sqs has no fault 'toString'" },
    { text: 'dynamodb=throttle:5', says: 'above 0% and at most 100%' },
    { text: 'dynamodb=throttle:0%', says: 'above 0% and at most 100%' },
    { text: 'dynamodb=throttle:101%', says: 'above 0% and at most 100%' },
    { text: 'dynamodb=outage:5%', says: 'write 500ms, 30s or 2m' },
    { text: 'dynamodb=outage:0s', says: 'strikes nothing' },
    { text: 'dynamodb=outage:40000m', says: 'no duration of a day at most' },
    { text: 'dynamodb=outage:30s@later', says: 'write 500ms, 30s or 2m' },
  ])("'$text' is refused: $says", ({ text, says }) => {
    expect(() => parseFault(text)).toThrow(FaultNotationError);
    expect(() => parseFault(text)).toThrow(says);
  });

  test('is told of in the help, each by what happens', () => {
    const words = faultsInWords();

    for (const name of [
      'sagemaker=hang',
      'dynamodb=commit-then-timeout',
      'sqs=reorder',
      'lambda=freeze',
      's3=delete',
    ]) {
      expect(words).toMatch(new RegExp(`${name} +[a-z]`));
    }
    expect(words).toContain('outage:30s@10s');
  });
});
