import {
  BudgetHeaderSchema,
  DecideRequestSchema,
  EntityQuerySchema,
  EventPathSchema,
  EventQuerySchema,
} from '#domain/decide-request.ts';
import { metricsFor } from '#ports/canary-metrics.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { Deadline } from '#ports/clock.ts';
import { ok } from '#runtime/http-answer.ts';
import { type HttpHandler, type HttpOptions, type HttpRequest, httpHandler } from '#runtime/http-handler.ts';
import { parseInput } from '#runtime/http-request.ts';
import { admitRequest } from '../admit-request.ts';
import { type DecidePorts, decideEvent } from '../decide-event.ts';
import { viewOf } from '../decision-view.ts';
import { type ReadPorts, readEntity, readEvent } from '../read-decisions.ts';

/** What the API's door needs of the world. */
export interface ScoringApiPorts extends Omit<DecidePorts, 'logger' | 'metrics' | 'decisions'>, ReadPorts {
  readonly catalog: CatalogSource;
  readonly decisions: DecidePorts['decisions'];
  /** Milliseconds for a caller who names no budget. */
  readonly defaultBudgetMs: number;
  readonly retentionDays: number;
}

/** Logs and metrics that a test looks into. @default those of the process */
export type HandlerOptions = Pick<HttpOptions<never>, 'loggers' | 'metrics'>;

/** Answers `POST /v1/decisions`, `GET /v1/decisions` and `GET /v1/decisions/{eventType}/{eventId}`. */
export const createHandler = (ports: ScoringApiPorts, options: HandlerOptions = {}): HttpHandler => {
  const named = { name: 'scoring-api', ...options };
  const decide = httpHandler({ ...named, body: DecideRequestSchema }, async (body, request) => {
    const deadline = budgetOf(request, ports);
    const { catalog, tokeniser, nowMs } = await atTheDoor(deadline, ports);
    const { retentionDays } = ports;
    const { requestId, logger, metrics } = request;
    const command = admitRequest(body, { catalog, tokeniser, nowMs, retentionDays, requestId });
    const { eventId, eventType } = command.arrival.event;
    const counted = metricsFor(eventType, metrics);
    counted.count('EventsAccepted');
    const answered = await decideEvent(command, deadline, { ...ports, logger, metrics: counted });
    const decisions = answered.map(({ decision, recorded }) => viewOf(decision, recorded, catalog, body.explain));
    return ok({ eventId, eventType, decisions: decisions.sort(byDetector) });
  });
  const read = httpHandler(named, async (_, { query, pathParameters, deadline }) => {
    const path = parseInput(EventPathSchema, pathParameters, 'the path');
    const { explain } = parseInput(EventQuerySchema, query, 'the query');
    return ok(await readEvent({ ...path, explain }, deadline, ports));
  });
  const list = httpHandler(named, async (_, { query, deadline }) =>
    ok(await readEntity(parseInput(EntityQuerySchema, query, 'the query'), deadline, ports)),
  );
  return (event, context) => {
    if (event.httpMethod === 'POST') return decide(event, context);
    return event.pathParameters?.eventId === undefined ? list(event, context) : read(event, context);
  };
};

/** The caller's own time, as its header says it. */
const budgetOf = ({ headers, deadline }: HttpRequest, { defaultBudgetMs }: ScoringApiPorts): Deadline => {
  const sent = headers['assay-budget-ms'];
  const budgetMs =
    sent === undefined ? defaultBudgetMs : parseInput(BudgetHeaderSchema, sent, "header 'assay-budget-ms'");
  return deadline.within(budgetMs);
};

const atTheDoor = async (deadline: Deadline, { catalog, tokeniser, clock }: ScoringApiPorts) => {
  const [current, tokens] = await Promise.all([catalog.current(deadline), tokeniser.current(deadline)]);
  return { catalog: current, tokeniser: tokens, nowMs: clock.nowMs() };
};

const byDetector = (left: { readonly detector: string }, right: { readonly detector: string }): number =>
  left.detector < right.detector ? -1 : 1;
