import type { APIGatewayProxyEvent, Context } from 'aws-lambda';

import { MemoryFeedbackLedger } from '#adapters/memory-feedback-ledger.ts';
import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import { silentLogger } from '#runtime/log.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { createHandler as createFeedback } from '../../functions/feedback/api/handler.ts';
import { createHandler as createIngestion } from '../../functions/ingestion/api/handler.ts';
import { createHandler as createScoring } from '../../functions/scoring/api/handler.ts';
import { createPreparer } from '../../functions/scoring/prepare-detector.ts';
import { createWorld, NOW } from '../functions/ingestion/world.ts';
import { aCatalog, aDetector, memoryHistory, remoteSaying } from '../support/scoring.ts';

/** Text that valid values carry and no refusal may repeat. */
export const MARK = 'Zq7';
/** Valid by Luhn, issuer and length; no answer may hold it. */
export const CARD = '4539148803436467';

/** An event type with a variable of every kind. */
export const paymentType: EventType = EventTypeSchema.parse({
  format: 1,
  eventType: 'payment',
  purpose: 'fraud-detection',
  entities: { customer: 'person', terminal: 'terminal' },
  variables: {
    amount: { type: 'money', min: 0, max: 1_000_000, required: true },
    currency: { type: 'string', maxLength: 3 },
    items: { type: 'integer', min: 0, max: 1_000 },
    ratio: { type: 'number' },
    first_order: { type: 'boolean' },
    country: { type: 'category' },
    signed_up_at: { type: 'datetime' },
    email: { type: 'email', personal: true },
    phone: { type: 'phone', personal: true },
    ip: { type: 'ip' },
    note: { type: 'text', maxLength: 200 },
    serial: { type: 'string', cardNumbers: 'exempt' },
  },
});

export interface Call {
  readonly method: 'POST' | 'GET';
  /** As documented. */
  readonly path: string;
  /** As it is sent. */
  readonly body?: string;
  readonly base64?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
}

export interface CallAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

const context = { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 29_000 } as Context;

/** The real handlers of the API over stores in memory. */
export const openDoors = () => {
  const world = createWorld({ eventType: paymentType });
  const { clock, sealer, tokenisers } = world.ports;
  const detectors = [
    aDetector({
      detector: 'payments',
      eventType: 'payment',
      rules: { list: [{ id: 'large', when: '$amount > 100', outcomes: ['review'] }], otherwise: ['approve'] },
    }),
  ];
  const { source } = aCatalog({ eventType: paymentType, detectors });
  const { decisions, ...history } = memoryHistory();
  const feedback = new MemoryFeedbackLedger();
  const quiet = { metrics: silentMetrics, loggers: () => silentLogger };
  const scoring = createScoring(
    {
      clock,
      catalog: source,
      decisions,
      ...history,
      feedback,
      pending: { add: async () => {} },
      prepare: createPreparer({ catalog: source, clock, metrics: silentMetrics }),
      remote: remoteSaying({ probability: 0.3 }),
      sealer,
      tokeniser: tokenisers,
      defaultBudgetMs: 5_000,
      retentionDays: 400,
    },
    quiet,
  );
  const ingestion = createIngestion({ ...world.ports, catalog: source }, quiet);
  const saying = createFeedback({ clock, catalog: source, feedback, decisions }, quiet);
  const doorOf = (path: string) => {
    if (path.startsWith('/v1/decisions')) return scoring;
    return path === '/v1/feedback' ? saying : ingestion;
  };
  let calls = 0;
  const send = async ({
    method,
    path,
    body,
    base64 = false,
    headers = {},
    query,
    pathParameters,
  }: Call): Promise<CallAnswer> => {
    calls += 1;
    const event = {
      httpMethod: method,
      resource: path,
      headers,
      body: body ?? null,
      isBase64Encoded: base64,
      queryStringParameters: query ?? null,
      pathParameters: pathParameters ?? null,
      requestContext: { requestId: `request-${calls}`, identity: { userArn: 'arn:aws:iam::1:role/client' } },
    } as unknown as APIGatewayProxyEvent;
    const answer = await doorOf(path)(event, context);
    // What waits to be delivered is of no interest here, and grows.
    world.eventChunks.take();
    return { status: answer.statusCode, contentType: answer.headers['content-type'], text: answer.body };
  };
  return { send, decisions, feedback };
};
export type Doors = ReturnType<typeof openDoors>;

export const NOW_MS = Date.parse(NOW);

/** Words of source files, stacks and machines. */
const INTERNALS = /\bat [\w.<>]+ \(|\.(?:ts|cjs|mjs|js):\d|node_modules|\/tmp\/|[A-Z]\w+Error\b|arn:aws/;

/** What an answer gives away that it must not. */
export const leakOf = ({ status, text }: CallAnswer): string | undefined => {
  if (INTERNALS.test(text)) return 'shows internals';
  if (text.includes(CARD)) return 'repeats a card number';
  // What was accepted may be told; of what was refused, nothing.
  return status >= 400 && text.includes(MARK) ? 'repeats a value' : undefined;
};
