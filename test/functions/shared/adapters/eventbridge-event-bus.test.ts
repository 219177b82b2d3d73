import { EventBridgeClient, EventBridgeServiceException, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { beforeEach, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { EventBridgeEventBus } from '#adapters/eventbridge-event-bus.ts';
import type { FittedEvent } from '#domain/published/fitting.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';

const eventBridge = mockClient(EventBridgeClient);
beforeEach(() => {
  eventBridge.reset();
});

const bus = new EventBridgeEventBus({
  eventBridge: eventBridge as unknown as EventBridgeClient,
  busName: 'assay-test',
  call: createAwsCaller({ random: () => 0, metrics: silentMetrics }),
  random: () => 0,
});
const events = (count: number): readonly FittedEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    detailType: 'decision made',
    time: '2026-11-22T09:30:00.000Z',
    detail: `{"id":"${index}"}`,
    bytes: 200,
  }));
const detailsSent = () =>
  eventBridge.commandCalls(PutEventsCommand).map(({ args: [{ input }] }) => input.Entries?.map(({ Detail }) => Detail));
const taken = { EventId: 'some' };
const refused = { ErrorCode: 'ThrottlingException', ErrorMessage: 'slower' };

test('events go to the bus by tens, with source, type and time', async () => {
  eventBridge.on(PutEventsCommand).callsFake(({ Entries }) => ({ Entries: Entries.map(() => taken) }));

  expect(await bus.send(events(12), deadlineIn(5_000))).toEqual(new Set());

  expect(detailsSent().map((details) => details?.length)).toEqual([10, 2]);
  expect(eventBridge.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries?.[0]).toEqual({
    EventBusName: 'assay-test',
    Source: 'assay',
    DetailType: 'decision made',
    Time: new Date('2026-11-22T09:30:00.000Z'),
    Detail: '{"id":"0"}',
  });
});

test('what is refused of a request is sent again, alone', async () => {
  eventBridge
    .on(PutEventsCommand)
    .resolvesOnce({ FailedEntryCount: 1, Entries: [taken, refused, taken] })
    .resolves({ FailedEntryCount: 0, Entries: [taken] });

  expect(await bus.send(events(3), deadlineIn(5_000))).toEqual(new Set());

  expect(detailsSent()).toEqual([['{"id":"0"}', '{"id":"1"}', '{"id":"2"}'], ['{"id":"1"}']]);
});

test('what is refused to the last is told, after a bounded number of rounds', async () => {
  eventBridge.on(PutEventsCommand).callsFake(({ Entries }) => ({
    FailedEntryCount: 1,
    Entries: Entries.map(({ Detail }: { Detail: string }) => (Detail.includes('1') ? refused : taken)),
  }));

  expect(await bus.send(events(3), deadlineIn(5_000))).toEqual(new Set([1]));
  expect(detailsSent()).toHaveLength(8);
});

test('an answer without entries has taken nothing', async () => {
  eventBridge.on(PutEventsCommand).resolves({});

  expect(await bus.send(events(2), deadlineIn(1_500))).toEqual(new Set([0, 1]));
});

test('a bus that cannot be reached has taken nothing, and is no error', async () => {
  const down = new EventBridgeServiceException({
    name: 'InternalException',
    message: 'down',
    $fault: 'server',
    $metadata: { httpStatusCode: 500 },
  });
  eventBridge.on(PutEventsCommand).rejects(down);

  expect(await bus.send(events(2), deadlineIn(3_000))).toEqual(new Set([0, 1]));
});
