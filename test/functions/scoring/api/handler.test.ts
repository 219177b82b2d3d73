import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';

import { MemoryFeedbackLedger } from '#adapters/memory-feedback-ledger.ts';
import { hmacTokeniser } from '#adapters/secret-tokeniser.ts';
import { DecideAnswerSchema, EntityDecisionsAnswerSchema, EventDecisionsAnswerSchema } from '#domain/decide-request.ts';
import type { Feedback } from '#domain/feedback.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { createHandler } from '../../../../functions/scoring/api/handler.ts';
import { createPreparer } from '../../../../functions/scoring/prepare-detector.ts';
import {
  aCatalog,
  aDetector,
  fixedClock,
  memoryHistory,
  remote,
  remoteSaying,
  trees,
} from '../../../support/scoring.ts';
import { memorySealer } from '../../../support/sealing.ts';

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 29_000 } as Context;

const detectors = [
  aDetector({
    members: [trees, remote],
    rules: {
      list: [
        { id: 'large', when: '$amount > 100', outcomes: ['review'], description: 'An unusually large amount' },
        { id: 'abroad', when: '$country != null', outcomes: ['note'] },
      ],
      mode: 'all_matched',
      otherwise: ['approve'],
    },
  }),
  aDetector({ detector: 'waiting', status: 'standby', version: 2 }),
];

let requests = 0;
const setUp = () => {
  const { source } = aCatalog({ detectors });
  const { decisions, ...history } = memoryHistory();
  const feedback = new MemoryFeedbackLedger();
  const handler = createHandler(
    {
      clock: fixedClock,
      catalog: source,
      decisions,
      ...history,
      feedback,
      pending: { add: async () => {} },
      prepare: createPreparer({ catalog: source, clock: fixedClock, metrics: silentMetrics }),
      remote: remoteSaying({ probability: 0.3 }),
      sealer: memorySealer(fixedClock).sealer,
      tokeniser: { current: async () => hmacTokeniser({ current: 1, keys: ['a key of sixteen characters'] }) },
      defaultBudgetMs: 1_000,
      retentionDays: 400,
    },
    { metrics: silentMetrics },
  );
  const call = async (request: Partial<APIGatewayProxyEvent>) => {
    requests += 1;
    const requestContext = { requestId: `request-${requests}` };
    const event = { headers: {}, requestContext, ...request } as APIGatewayProxyEvent;
    const { statusCode, body } = await handler(event, context);
    return { status: statusCode, body: JSON.parse(body) };
  };
  const post = (body: object, headers: Record<string, string> = {}) =>
    call({ httpMethod: 'POST', resource: '/v1/decisions', body: JSON.stringify(body), headers });
  const get = (query: Record<string, string>) =>
    call({ httpMethod: 'GET', resource: '/v1/decisions', queryStringParameters: query });
  const getEvent = (eventType: string, eventId: string, query: Record<string, string> = {}) =>
    call({
      httpMethod: 'GET',
      resource: '/v1/decisions/{eventType}/{eventId}',
      pathParameters: { eventType, eventId },
      queryStringParameters: query,
    });
  return { post, get, getEvent, decisions, feedback };
};

const payment = (overrides: object = {}) => ({
  eventId: 'p-1',
  eventType: 'card_payment',
  occurredAt: '2026-11-01T10:00:00Z',
  entities: { customer: 'c-1', terminal: 't-1' },
  variables: { amount: 250, country: 'DE' },
  ...overrides,
});

describe('POST /v1/decisions', () => {
  test('answers what was decided, and why, in words', async () => {
    const { status, body } = await setUp().post({ event: payment() });

    expect(status).toBe(200);
    expect(DecideAnswerSchema.parse(body)).toEqual({
      eventId: 'p-1',
      eventType: 'card_payment',
      decisions: [
        {
          eventId: 'p-1',
          eventType: 'card_payment',
          detector: 'card-payments',
          version: 1,
          outcomes: ['review', 'note'],
          probability: expect.any(Number),
          reasons: [
            { rule: 'large', text: 'An unusually large amount' },
            { rule: 'abroad', text: '"DE" != null' },
          ],
          rung: 'full',
          degraded: [],
          recorded: 'committed',
          decidedAt: '2026-11-01T10:00:05.000Z',
        },
      ],
    });
  });

  test('shows all that the decision was made from when asked', async () => {
    const { body } = await setUp().post({ event: payment(), explain: true });

    expect(DecideAnswerSchema.parse(body).decisions[0]?.explanation).toMatchObject({
      members: [{ member: 'trees' }, { member: 'remote', probability: 0.3 }],
      rules: [{ id: 'large' }, { id: 'abroad' }],
    });
  });

  test('answers a repeat with the decision on record, and other content with 409', async () => {
    const { post } = setUp();
    const first = await post({ event: payment() });

    expect(await post({ event: payment({ occurredAt: '2026-11-01T11:00:00+01:00' }) })).toEqual(first);
    const other = await post({ event: payment({ variables: { amount: 251 } }) });

    expect(other).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  test('lets a named version decide that stands by, and no other detector', async () => {
    const { body } = await setUp().post({ event: payment(), detector: 'waiting', detectorVersion: 2 });

    expect(body.decisions).toMatchObject([{ detector: 'waiting', version: 2 }]);
  });

  test.each([
    {
      what: 'a detector that only stands by',
      request: { event: payment(), detector: 'waiting' },
      status: 404,
      code: 'not_found',
    },
    {
      what: 'a version that is not there',
      request: { event: payment(), detector: 'card-payments', detectorVersion: 7 },
      status: 404,
      code: 'not_found',
    },
    {
      what: 'an event type that is not there',
      request: { event: payment({ eventType: 'unknown' }) },
      status: 404,
      code: 'not_found',
    },
    {
      what: 'no event type',
      request: { event: payment({ eventType: undefined }) },
      status: 400,
      code: 'invalid_input',
    },
    {
      what: 'a version of no detector',
      request: { event: payment(), detectorVersion: 1 },
      status: 400,
      code: 'invalid_input',
    },
    { what: 'no event', request: {}, status: 400, code: 'invalid_input' },
    {
      what: 'a card number',
      request: { event: payment({ variables: { country: '4111 1111 1111 1111' } }) },
      status: 422,
      code: 'card_number_refused',
    },
  ])('refuses $what', async ({ request, status, code }) => {
    const answer = await setUp().post(request);

    expect(answer).toMatchObject({ status, body: { code, requestId: expect.any(String) } });
    expect(JSON.stringify(answer)).not.toContain('4111');
  });

  test('names the field at fault where the caller put it', async () => {
    const { body } = await setUp().post({ event: payment({ variables: { amount: 'much' } }) });

    expect(body.fields).toEqual([{ field: 'event.variables.amount', problem: expect.any(String) }]);
  });

  test.each(['49', '28001', '1e3', '-100', 'soon'])('refuses a budget of %s', async (budget) => {
    const answer = await setUp().post({ event: payment() }, { 'Assay-Budget-Ms': budget });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });

  test.each(['50', '28000'])('takes a budget of %s', async (budget) => {
    expect((await setUp().post({ event: payment() }, { 'Assay-Budget-Ms': budget })).status).toBe(200);
  });
});

describe('GET /v1/decisions/{eventType}/{eventId}', () => {
  const said = (value: string, source: string): Feedback => ({
    v: 1,
    feedbackId: `${source}-${value}`,
    eventType: 'card_payment',
    eventId: 'p-1',
    kind: 'label',
    value,
    source,
    saidAt: '2026-11-02T00:00:00.000Z',
    receivedAt: '2026-11-02T00:00:00.000Z',
  });

  test('gives back what was decided, what was said and how the event stands', async () => {
    const { post, getEvent, feedback } = setUp();
    const decided = await post({ event: payment() });
    const entries = [said('fraud', 'customer_report'), said('legit', 'analyst')];
    await feedback.add(entries.map((entry) => ({ feedback: entry, origin: 'api/x' })));

    const { status, body } = await getEvent('card_payment', 'p-1');

    expect(status).toBe(200);
    const answer = EventDecisionsAnswerSchema.parse(body);
    expect(answer.decisions).toEqual(decided.body.decisions);
    expect(answer.feedback).toHaveLength(2);
    expect(answer.standing).toMatchObject({ kind: 'labelled', label: 'legit', source: 'analyst' });
  });

  test('says when nothing is on record', async () => {
    expect(await setUp().getEvent('card_payment', 'never')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('explains when asked', async () => {
    const { post, getEvent } = setUp();
    await post({ event: payment() });

    const { body } = await getEvent('card_payment', 'p-1', { explain: 'true' });

    expect(EventDecisionsAnswerSchema.parse(body).decisions[0]?.explanation?.rules).toHaveLength(2);
  });
});

describe('GET /v1/decisions', () => {
  test('pages the decisions on an entity by its original id, newest event first', async () => {
    const { post, get } = setUp();
    for (const minute of [1, 2, 3]) {
      await post({ event: payment({ eventId: `p-${minute}`, occurredAt: `2026-11-01T09:0${minute}:00Z` }) });
    }
    const query = { entityKind: 'person', entityId: ' c-1 ', limit: '2' };

    const first = EntityDecisionsAnswerSchema.parse((await get(query)).body);
    const second = EntityDecisionsAnswerSchema.parse((await get({ ...query, next: first.next! })).body);

    expect(first.decisions.map(({ eventId }) => eventId)).toEqual(['p-3', 'p-2']);
    expect(second.decisions.map(({ eventId }) => eventId)).toEqual(['p-1']);
    expect(second.next).toBeUndefined();
    expect((await get({ entityKind: 'person', entityId: 'c-2' })).body).toEqual({ decisions: [] });
  });

  test.each<{ readonly query: Record<string, string> }>([
    { query: { entityKind: 'person' } },
    { query: { entityKind: 'person', entityId: 'c-1', limit: '0' } },
    { query: { entityKind: 'person', entityId: 'c-1', limit: '101' } },
    { query: { entityKind: 'Person!', entityId: 'c-1' } },
    { query: { entityKind: 'person', entityId: 'c-1', next: '***' } },
    { query: { entityKind: 'person', entityId: 'c-1', colour: 'blue' } },
  ])('refuses %j', async ({ query }) => {
    expect(await setUp().get(query)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input' },
    });
  });
});
