import { describe, expect, test } from '@jest/globals';

import type { DecideAnswer } from '#domain/decide-request.ts';
import { COUNT_METRICS, DURATION_METRICS } from '#ports/telemetry.ts';
import { FUNCTION_ENTRIES, functionName } from '../../../lib/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { type LogLine, logLinesOf } from '../../support/log-lines.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile } from '../../support/system-files.ts';
import { aTransfer } from '../../support/system-requests.ts';

/** What is seen of the system from outside: its logs and its figures. */
export const seen = (systemOf: () => TestSystem): void => {
  /** The functions that have logged under an id, once these all have. */
  const servicesUnder = (correlationId: string, services: readonly string[]) =>
    eventually(`${services.join(', ')} log under ${correlationId}`, async () => {
      const found = new Set(under(correlationId).map(({ service }) => service));
      return services.every((service) => found.has(service)) ? [...found].sort() : undefined;
    });
  const under = (id: string): readonly LogLine[] =>
    logLinesOf(systemOf()).filter(({ level, correlationId }) => level && correlationId === id);

  describe('one id in all log lines', () => {
    test('of a file, from its notification to its results', async () => {
      const now = new Date().toISOString();
      const content = csvOf('event_id,occurred_at,payer,payee,amount', [
        ['seen-1', now, 'p', 'q', 10],
        ['seen-2', now, 'p', 'q', 'much'],
      ]);
      const dropped = await dropContent(systemOf(), 'events/transfer/seen.csv', content);

      const { fileId } = await endOfFile(systemOf(), dropped);

      expect(await servicesUnder(fileId, ['ingestion-files', 'scoring-queue'])).toEqual([
        'ingestion-files',
        'scoring-queue',
      ]);
      const others = logLinesOf(systemOf()).filter(
        (line) => line.level && line.correlationId !== fileId && JSON.stringify(line).includes(fileId),
      );
      // Who asks how the file stands, or looks whether it adds up, does so under an id of their own.
      expect(others.filter(({ service }) => service !== 'ingestion-api' && service !== 'reconciler')).toEqual([]);
    });

    test('of a batch, from the request to the decision', async () => {
      const headers = { 'x-correlation-id': 'seen-batch' };

      const { body } = await systemOf().client.call('POST', 'v1/events', { events: [aTransfer('seen-3')] }, headers);

      await servicesUnder('seen-batch', ['ingestion-api', 'scoring-queue']);
      const { fileId } = body as { fileId: string };
      expect(under('seen-batch').some((line) => line.message === 'batch taken' && line.fileId === fileId)).toBe(true);
    });

    test('of a request that is recorded later, up to its record', async () => {
      const { client, cloud } = systemOf();
      const event = aTransfer('seen-4');
      const fault = {
        service: 'dynamodb',
        does: 'fail',
        actions: ['dynamodb:PutItem'],
        callers: /ScoringApi/,
      } as const;
      const end = cloud.faults.begin(fault);

      const headers = { 'assay-budget-ms': '2000', 'x-correlation-id': 'seen-request' };
      const { body } = await client.call('POST', 'v1/decisions', { event }, headers);
      end();

      expect((body as DecideAnswer).decisions).toMatchObject([{ recorded: 'pending' }]);
      await servicesUnder('seen-request', ['scoring-api', 'scoring-pending']);
    });
  });

  test('every figure is one of the closed lists, and says of itself only which function it is of', () => {
    const figures = logLinesOf(systemOf()).filter((line) => '_aws' in line);
    const kinds = figures.flatMap(({ _aws }) => (_aws as { CloudWatchMetrics: EmbeddedMetrics[] }).CloudWatchMetrics);

    const names = new Set(kinds.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)));
    const dimensions = new Set(kinds.map(({ Dimensions }) => JSON.stringify(Dimensions)));

    expect(figures.length).toBeGreaterThan(5);
    expect([...names].filter((name) => !CLOSED.has(name))).toEqual([]);
    expect([...dimensions]).toEqual(['[["service"]]']);
    expect(figures.map(({ service }) => service).filter((service) => !SERVICES.has(service))).toEqual([]);
  });

  test('every line of a log has the ids to find its request, and its file or caller, by', () => {
    const lines = logLinesOf(systemOf()).filter(({ level, message }) => level && message);

    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter(({ requestId, correlationId }) => !requestId || !correlationId)).toEqual([]);
  });
};

interface EmbeddedMetrics {
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

const CLOSED: ReadonlySet<string> = new Set([...COUNT_METRICS, ...DURATION_METRICS]);
const SERVICES: ReadonlySet<string> = new Set(FUNCTION_ENTRIES.map(functionName));
