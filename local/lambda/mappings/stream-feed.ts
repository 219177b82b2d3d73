import { randomUUID } from 'node:crypto';
import { callJson } from '../../inside.ts';
import type { DeployedFunction } from '../deployed-function.ts';
import { withinLimit } from './batches.ts';
import type { StreamMapping } from './definition.ts';
import type { Feed, FeedContext } from './feed.ts';
import { failedItems } from './partial.ts';
import type { Positions } from './positions.ts';
import { createStreamReader, type StreamRecord } from './stream-reader.ts';
import { backoffMs, pause } from './waiting.ts';

const POLL_MS = 250;
const LONGEST_POLL_MS = 1000;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

/** A batch that was given up, and why. */
type GivenUp = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/**
 * Feeds a function from the stream of a table, in the name of the function's role and in order: a batch that fails is
 * tried again, whole or in halves, and what comes behind it waits. Where it stands is durable.
 */
export const createStreamFeed = (mapping: StreamMapping, positions: Positions, context: FeedContext): Feed => {
  const { host, concurrency, precedence } = context;
  const { id, sourceArn } = mapping;
  const reader = createStreamReader(host, sourceArn);
  const stopping = new AbortController();
  const { signal } = stopping;
  let polling: Promise<void> = Promise.resolve();

  const poll = async (): Promise<void> => {
    let idleRounds = 0;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const deployed = context.functionOf(mapping.functionName);
        const batch = await gather(deployed);
        idleRounds = batch.length > 0 ? 0 : idleRounds + 1;
        const wanted = batch.filter(mapping.wants);
        if (wanted.length > 0) await precedence.turn(signal);
        for (const part of withinLimit(wanted)) await workThrough(deployed, part, 0);
        if (wanted.length < batch.length) positions.moveTo(id, sourceArn, lastOf(batch));
        failures = 0;
        if (batch.length === 0) await pause(backoffMs(idleRounds - 1, POLL_MS, LONGEST_POLL_MS), signal);
      } catch (error) {
        if (signal.aborted) return;
        host.notice(`${mapping.functionName} gets nothing from ${sourceArn}: ${messageOf(error)}`);
        await pause(backoffMs(failures, 1000, 30_000), signal);
        failures += 1;
      }
    }
  };

  const gather = async ({ session }: DeployedFunction): Promise<StreamRecord[]> => {
    const batch: StreamRecord[] = [];
    let position = positions.of(id, sourceArn) ?? (await firstPosition(session.principal));
    const untilMs = performance.now() + mapping.windowSeconds * 1000;
    while (!signal.aborted) {
      const more = await reader.read(session.principal, position, mapping.batchSize - batch.length);
      batch.push(...more);
      position = more.at(-1)?.dynamodb.SequenceNumber ?? position;
      if (batch.length >= mapping.batchSize || batch.length === 0) break;
      if (more.length === 0) {
        if (performance.now() >= untilMs) break;
        await pause(POLL_MS, signal);
      }
    }
    return batch;
  };

  /** Where the mapping begins; kept, so that LATEST means the time at which it was first up. */
  const firstPosition = async (principal: DeployedFunction['session']['principal']): Promise<string> => {
    let position = '';
    while (mapping.startingPosition === 'LATEST' && !signal.aborted) {
      const passed = await reader.read(principal, position, 1000);
      if (passed.length === 0) break;
      position = lastOf(passed);
    }
    if (!signal.aborted) positions.moveTo(id, sourceArn, position);
    return position;
  };

  /** Gives records to the function until all of them are done with or given up. @param attempt - repeats so far. */
  const workThrough = async (
    deployed: DeployedFunction,
    batch: readonly StreamRecord[],
    attempt: number,
  ): Promise<void> => {
    if (signal.aborted) throw new Error('stopped');
    const young = batch.findIndex((record) => !isTooOld(record));
    if (young !== 0) {
      const tooOld = young < 0 ? batch : batch.slice(0, young);
      await giveUp(deployed, tooOld, 'RecordAgeExceeded', attempt);
      return young < 0 ? undefined : workThrough(deployed, batch.slice(young), attempt);
    }

    const failedFrom = await invoke(deployed, batch);
    if (failedFrom > 0) positions.moveTo(id, sourceArn, lastOf(batch.slice(0, failedFrom)));
    const rest = batch.slice(failedFrom);
    if (rest.length === 0) return;
    if (failedFrom > 0) return workThrough(deployed, rest, 0);
    if (mapping.bisect && rest.length > 1) {
      const half = Math.ceil(rest.length / 2);
      await workThrough(deployed, rest.slice(0, half), attempt);
      return workThrough(deployed, rest.slice(half), attempt);
    }
    if (mapping.maximumRetries >= 0 && attempt >= mapping.maximumRetries) {
      return giveUp(deployed, rest, 'RetryAttemptsExhausted', attempt);
    }
    await pause(backoffMs(attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS), signal);
    return workThrough(deployed, rest, attempt + 1);
  };

  /** @returns the index of the first record that has failed, or their number if none has. */
  const invoke = async (deployed: DeployedFunction, batch: readonly StreamRecord[]): Promise<number> => {
    const release = await concurrency.take(deployed.definition, 'background');
    try {
      const { payload, functionError } = await context.run(deployed, JSON.stringify({ Records: batch }));
      if (functionError !== undefined) return 0;
      if (!mapping.partialFailures) return batch.length;
      const ids = batch.map(({ dynamodb }) => dynamodb.SequenceNumber);
      const failed = failedItems(payload, new Set(ids));
      if (failed === 'all') return 0;
      const first = ids.findIndex((sequence) => failed.has(sequence));
      return first < 0 ? batch.length : first;
    } finally {
      release();
    }
  };

  const isTooOld = ({ dynamodb }: StreamRecord): boolean =>
    mapping.maximumAgeSeconds >= 0 &&
    Date.now() / 1000 - dynamodb.ApproximateCreationDateTime > mapping.maximumAgeSeconds;

  const giveUp = async (
    deployed: DeployedFunction,
    batch: readonly StreamRecord[],
    condition: GivenUp,
    attempt: number,
  ): Promise<void> => {
    host.notice(`${mapping.functionName}: ${batch.length} records of ${sourceArn} were given up (${condition})`);
    if (mapping.onFailureArn !== undefined) {
      await callJson(host, deployed.session.principal, 'sqs', 'AmazonSQS.SendMessage', {
        QueueUrl: `${host.endpoint}/${host.accountId}/${mapping.onFailureArn.split(':').at(-1)}`,
        MessageBody: JSON.stringify(failureReport(deployed, batch, condition, attempt)),
      });
    }
    positions.moveTo(id, sourceArn, lastOf(batch));
  };

  const failureReport = (
    { definition }: DeployedFunction,
    batch: readonly StreamRecord[],
    condition: GivenUp,
    attempt: number,
  ) => ({
    requestContext: {
      requestId: randomUUID(),
      functionArn: definition.arn,
      condition,
      approximateInvokeCount: attempt + 1,
    },
    responseContext: { statusCode: 200, executedVersion: definition.version, functionError: 'Unhandled' },
    version: '1.0',
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId: reader.shardId,
      startSequenceNumber: batch[0]?.dynamodb.SequenceNumber,
      endSequenceNumber: lastOf(batch),
      approximateArrivalOfFirstRecord: arrivalOf(batch[0]),
      approximateArrivalOfLastRecord: arrivalOf(batch.at(-1)),
      batchSize: batch.length,
      streamArn: sourceArn,
    },
  });

  return {
    async prepare() {
      const { principal } = context.functionOf(mapping.functionName).session;
      await reader.checkGrants(principal);
    },
    start() {
      polling = poll();
    },
    stop: () => stopping.abort(),
    drained: () => polling,
  };
};

const lastOf = (batch: readonly StreamRecord[]): string => batch.at(-1)?.dynamodb.SequenceNumber ?? '';

const arrivalOf = (record: StreamRecord | undefined): string =>
  new Date((record?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString();

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
