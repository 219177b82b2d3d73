import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import type * as z from 'zod';

import { CANARY_EVENT_TYPE } from '#domain/canary.ts';
import { DecideAnswerSchema, EventDecisionsAnswerSchema } from '#domain/decide-request.ts';
import { ServiceError } from '#domain/errors.ts';
import { fileIdOf } from '#domain/file-id.ts';
import type { PublicDecision } from '#domain/public-decision.ts';
import { type FileView, FileViewSchema } from '#domain/public-file.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { DurationMetric, Logger, Metrics } from '#ports/telemetry.ts';
import { EXPECTED_DECISION, EXPECTED_FILE, type Probe, probeAt } from './probe.ts';

/** What the canary needs of the world: what a team has, no more. */
export interface CanaryPorts {
  readonly api: {
    call(request: {
      readonly method: 'GET' | 'POST';
      readonly path: string;
      readonly body?: unknown;
      readonly signal: AbortSignal;
    }): Promise<{ readonly status: number; readonly body: unknown }>;
  };
  readonly inbox: {
    drop(
      key: string,
      content: string,
      deadline: Deadline,
    ): Promise<{ readonly bucket: string; readonly versionId: string }>;
  };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Doors that did not do as expected, each with what it did instead. */
export interface CanaryReport {
  readonly failed: readonly { readonly door: 'api' | 'file'; readonly problem: string }[];
}

/** Longest that a decision may take, a cold start included, and longest from a file's drop to its results. */
const API_MS = 10_000;
const FILE_MS = 100_000;
const POLL_MS = 1_000;

/**
 * Sends events through both doors, as a team does, and compares what becomes of them with what must. Counts each run,
 * and each door that failed; never throws.
 */
export const runCanary = async (deadline: Deadline, ports: CanaryPorts): Promise<CanaryReport> => {
  const probe = probeAt(ports.clock.nowMs());
  const failed: CanaryReport['failed'][number][] = [];
  const tryDoor = async (door: 'api' | 'file', metric: DurationMetric, work: () => Promise<void>): Promise<void> => {
    const startedMs = ports.clock.nowMs();
    try {
      await work();
      ports.metrics.duration(metric, ports.clock.nowMs() - startedMs);
    } catch (error) {
      ports.logger.error('canary failed', error, { door });
      ports.metrics.count('CanaryFailed');
      failed.push({ door, problem: error instanceof Error ? error.message : 'it failed' });
    }
  };
  // One after the other: a row of the file is to be recognised as the event of the API.
  await tryDoor('api', 'CanaryApiMs', () => tryApi(probe, deadline.within(API_MS), ports));
  await tryDoor('file', 'CanaryFileMs', () => tryFile(probe, deadline.within(FILE_MS), ports));
  ports.metrics.count('CanaryRuns');
  if (failed.length === 0) ports.logger.info('canary is well');
  return { failed };
};

const tryApi = async ({ event }: Probe, { signal }: Deadline, { api }: CanaryPorts): Promise<void> => {
  const { status, body } = await api.call({ method: 'POST', path: 'v1/decisions', body: { event }, signal });
  expectStatus('the decision', status);
  checkDecisions(shaped(DecideAnswerSchema, body).decisions, 'approve');
  await checkOnRecord(event.eventId, 'approve', signal, api);
};

const tryFile = async ({ key, file, declinedId }: Probe, deadline: Deadline, ports: CanaryPorts): Promise<void> => {
  const { bucket, versionId } = await ports.inbox.drop(key, file, deadline);
  const view = await endOfFile(fileIdOf(bucket, key, versionId), deadline, ports);
  for (const [name, expected] of Object.entries(EXPECTED_FILE)) {
    expectEqual(`the file's ${name}`, view[name as keyof typeof EXPECTED_FILE], expected);
  }
  await checkOnRecord(declinedId, 'decline', deadline.signal, ports.api);
};

/** Looks at a file until it has ended. @throws when it has not within the deadline. */
const endOfFile = async (fileId: string, deadline: Deadline, { api }: CanaryPorts): Promise<FileView> => {
  while (deadline.remainingMs() > POLL_MS) {
    const { status, body } = await api.call({ method: 'GET', path: `v1/files/${fileId}`, signal: deadline.signal });
    // It is not known before its notification has come.
    if (status !== 404) expectStatus('the file', status);
    const view = status === 404 ? undefined : shaped(FileViewSchema, body);
    if (view?.status === 'complete' || view?.status === 'quarantined') return view;
    await pause(POLL_MS, undefined, { signal: deadline.signal });
  }
  throw new ServiceError('deadline_exceeded', `file ${fileId} has not ended in time`);
};

const checkOnRecord = async (
  eventId: string,
  outcome: string,
  signal: AbortSignal,
  api: CanaryPorts['api'],
): Promise<void> => {
  const path = `v1/decisions/${CANARY_EVENT_TYPE}/${eventId}`;
  const { status, body } = await api.call({ method: 'GET', path, signal });
  expectStatus('the record', status);
  checkDecisions(shaped(EventDecisionsAnswerSchema, body).decisions, outcome);
};

const checkDecisions = (decisions: readonly PublicDecision[], outcome: string): void => {
  const [decision] = decisions;
  expectEqual('the number of decisions', decisions.length, 1);
  expectEqual('the outcomes', decision?.outcomes, [outcome]);
  for (const [name, expected] of Object.entries(EXPECTED_DECISION)) {
    expectEqual(`the decision's ${name}`, decision?.[name as keyof typeof EXPECTED_DECISION], expected);
  }
};

const shaped = <Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ServiceError('internal', 'an answer has another shape than the API promises', { cause: parsed.error });
};

const expectStatus = (what: string, status: number): void => expectEqual(`the status of ${what}`, status, 200);

/** Values are the canary's own, so that they may be told. */
const expectEqual = (what: string, found: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(found, expected)) return;
  throw new ServiceError('internal', `${what}: ${JSON.stringify(found)} in place of ${JSON.stringify(expected)}`);
};
