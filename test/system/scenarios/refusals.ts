import { describe, expect, test } from '@jest/globals';

import type { TestSystem } from '../../support/system.ts';
import { aTransfer, type RawAnswer, type RawRequest, sendSigned, sendUnsigned } from '../../support/system-requests.ts';

/** Valid by Luhn, issuer and length. */
const CARD = '4539148803436467';

const decide = (event: object, more: object = {}): RawRequest => ({
  path: 'v1/decisions',
  text: JSON.stringify({ event, ...more }),
});
const transfer = aTransfer('refused');

interface Refusal {
  readonly what: string;
  readonly request: RawRequest;
  readonly status: number;
  readonly code: string;
  /** Fields that the problem names. */
  readonly fields?: readonly string[];
}

const REFUSALS: readonly Refusal[] = [
  {
    what: 'an event type that nobody has registered',
    request: decide({ ...transfer, eventType: 'nobody_knows' }),
    status: 404,
    code: 'not_found',
  },
  {
    what: 'a detector that nobody has registered',
    request: decide(transfer, { detector: 'nobody' }),
    status: 404,
    code: 'not_found',
  },
  {
    what: 'what is not JSON',
    request: { path: 'v1/decisions', text: '{"event": {' },
    status: 400,
    code: 'invalid_input',
  },
  {
    what: 'a body without an event',
    request: { path: 'v1/decisions', text: '{}' },
    status: 400,
    code: 'invalid_input',
  },
  { what: 'an empty batch', request: { path: 'v1/events', text: '{"events":[]}' }, status: 400, code: 'invalid_input' },
  {
    what: 'values that do not fit the event type',
    request: decide({ ...transfer, variables: { amount: 'much' } }),
    status: 400,
    code: 'invalid_input',
    fields: ['event.variables.amount'],
  },
  {
    what: 'a budget that nobody can keep',
    request: { ...decide(transfer), headers: { 'assay-budget-ms': '10' } },
    status: 400,
    code: 'invalid_input',
  },
  {
    what: 'a card number',
    request: decide({ ...transfer, entities: { payer: CARD, payee: 'payee-1' } }),
    status: 422,
    code: 'card_number_refused',
    fields: ['event.entities.payer'],
  },
  {
    what: 'a security code',
    request: decide({ ...transfer, variables: { amount: 1, cvv: '737' } }),
    status: 422,
    code: 'card_number_refused',
  },
  {
    what: 'a body of another type',
    request: { ...decide(transfer), headers: { 'content-type': 'text/plain' } },
    status: 415,
    code: 'unsupported_format',
  },
  {
    what: 'the read of an event that never came',
    request: { method: 'GET', path: 'v1/decisions/transfer/never-came' },
    status: 404,
    code: 'not_found',
  },
  {
    what: 'the read of a file that never came',
    request: { method: 'GET', path: `v1/files/${'0'.repeat(24)}` },
    status: 404,
    code: 'not_found',
  },
  {
    what: 'a look-up without an entity',
    request: { method: 'GET', path: 'v1/decisions?entityKind=account' },
    status: 400,
    code: 'invalid_input',
  },
  { what: 'a path that is not there', request: { path: 'v1/nowhere', text: '{}' }, status: 403, code: 'forbidden' },
  {
    what: 'a signature with another key',
    request: { ...decide(transfer), secretAccessKey: 'guessed' },
    status: 403,
    code: 'forbidden',
  },
];

/** Words of source files, stacks and machines. */
const INTERNALS = /\bat [\w.<>]+ \(|\.(?:ts|cjs|mjs|js):\d|node_modules|\/tmp\/|[A-Z]\w+Error:|arn:aws/;

const checkProblem = (answer: RawAnswer, status: number, code: string): Record<string, unknown> => {
  expect(answer).toMatchObject({ status, contentType: expect.stringMatching(/^application\/problem\+json/) });
  expect(answer.text).not.toMatch(INTERNALS);
  const problem = JSON.parse(answer.text);
  expect(problem).toMatchObject({ status, code, detail: expect.any(String) });
  expect(problem.requestId).toMatch(/^[0-9a-f-]{36}$/);
  return problem;
};

/** Everything that the API refuses is refused in the same way, whoever refuses it: gateway, authorizer or function. */
export const refusals = (systemOf: () => TestSystem): void =>
  describe('a problem that says code and request, and no internals, answers', () => {
    test.each(REFUSALS)('$what', async ({ request, status, code, fields = [] }) => {
      const answer = await sendSigned(systemOf(), request);

      const problem = checkProblem(answer, status, code);
      const named = (problem.fields as { field: string }[] | undefined)?.map(({ field }) => field) ?? [];
      expect(named).toEqual(expect.arrayContaining([...fields]));
      expect(answer.text).not.toContain(CARD);
    });

    test('a request that nobody has signed', async () => {
      const { path, text = '' } = decide(transfer);

      checkProblem(await sendUnsigned(systemOf(), path, text), 403, 'forbidden');
    });
  });
