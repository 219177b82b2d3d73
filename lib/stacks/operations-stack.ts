import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { FUNCTION_ENTRIES, functionName } from '../bundle.ts';
import { resourceNameOf, type StageConfig } from '../config.ts';
import { AlarmDesk, type Severity } from '../constructs/alarm-desk.ts';
import { OperationsDashboard } from '../constructs/dashboard.ts';
import { Figures, latencyWithFloor, most, sum } from '../constructs/figures.ts';
import type { ServiceApi } from '../constructs/service-api.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import type { DataStack } from './data-stack.ts';
import type { ServiceStack } from './service-stack.ts';

export interface OperationsStackProps extends StackProps {
  readonly stageName: string;
  readonly stage: StageConfig;
  readonly data: DataStack;
  readonly service: ServiceStack;
}

const READ_CATALOG = ['ingestion-files', 'ingestion-api', 'scoring-api', 'scoring-queue', 'feedback-api'];
const DECIDE = ['scoring-api', 'scoring-queue'];
const ACCEPT = ['ingestion-files', 'ingestion-api', 'scoring-api'];
/** Functions that events and feedback pass; an alarm takes ten metrics at most. */
const WORKING = [...new Set([...READ_CATALOG, 'scoring-pending', 'feedback-queue', 'dead-letters'])];
const BACKGROUND = FUNCTION_ENTRIES.map(functionName).filter((name) => !WORKING.includes(name));

/** What the functions count themselves and must never happen unseen: alarm, severity, metric, functions. */
const COUNTED: readonly (readonly [name: string, severity: Severity, metric: string, ...services: string[]])[] = [
  ['dead-rows', 'page', 'RowsDead', 'dead-letters', 'reconciler'],
  ['unreadable-dead-letters', 'page', 'DeadLettersUnreadable', 'dead-letters'],
  ['catalog-refused', 'ticket', 'CatalogRefused', 'registrar'],
  ['catalog-rebuilt', 'page', 'CatalogRebuilt', 'registrar'],
  ['audit-undelivered', 'page', 'AuditUndelivered', 'registrar'],
  ['stale-lists', 'page', 'ListsStale', ...DECIDE],
  ['lists-lacking-keys', 'ticket', 'ListsLackingKeys', 'registrar'],
  ['stale-catalog', 'ticket', 'CatalogStale', ...READ_CATALOG],
  ['unsealed-originals', 'ticket', 'OriginalsUnsealed', 'ingestion-files', 'ingestion-api', 'scoring-api'],
  ['open-breakers', 'ticket', 'BreakersOpened', ...DECIDE],
  ['quarantined-files', 'ticket', 'FilesQuarantined', 'ingestion-files'],
  ['pending-decisions', 'ticket', 'DecisionsPending', 'scoring-api'],
  ['rival-decisions', 'page', 'DecisionsRival', 'scoring-pending'],
  ['imbalanced-files', 'page', 'FilesImbalanced', 'ingestion-files'],
  ['overdue-files', 'ticket', 'FilesOverdue', 'ingestion-files'],
  ['missing-results', 'page', 'ResultsMissing', 'ingestion-files'],
  ['rejected-rows', 'page', 'LakeRowsRejected', 'lake-compact'],
  ['overdue-lake', 'ticket', 'LakeOverdue', 'lake-compact'],
  ['reconciler-imbalance', 'page', 'ReconcilerImbalances', 'reconciler'],
  ['stale-files', 'ticket', 'FilesStale', 'reconciler'],
  ['access-denied', 'page', 'AccessDenied', ...WORKING],
  ['access-denied-background', 'page', 'AccessDenied', ...BACKGROUND],
];

/** Seconds that a message may wait before somebody should look. */
const LONGEST_WAIT_SECONDS = 900;
/** Milliseconds that a record of a stream may wait before somebody should look; and before it may soon be lost. */
const LATE_MS = 3_600_000;
/** A third of the day for which a stream keeps a record: what it drops then, no dead-letter queue is told of. */
const LOST_SOON_MS = 8 * LATE_MS;
/** Requests of five minutes below which a percentile of their latency is a single slow request's. */
const ENOUGH_FOR = { p99: 100, 'p99.9': 1_000 } as const;

/** Alarms on everything that would otherwise be silent, each with a section of the same name in docs/runbook.md. */
export class OperationsStack extends Stack {
  private readonly desk: AlarmDesk;
  private readonly figures: Figures;

  constructor(scope: Construct, id: string, { stageName, stage, data, service, ...props }: OperationsStackProps) {
    super(scope, id, props);
    this.desk = new AlarmDesk(this, 'Desk', { stageName, stage, encryptionKey: data.queueKey });
    this.figures = new Figures(stageName);
    const raise: AlarmDesk['raise'] = (...given) => this.desk.raise(...given);

    const queues: Record<string, WorkQueue> = {
      files: data.files,
      chunks: data.chunks,
      feedback: data.feedbackChunks,
      pending: data.pending,
      streams: data.streamRecords,
    };
    for (const [name, { queue, deadLetters }] of Object.entries(queues)) {
      // Visible messages, not messages sent: what SQS itself moves to a dead-letter queue is not counted as sent.
      raise(`dead-letters-${name}`, 'page', deadLetters.metricApproximateNumberOfMessagesVisible(most));
      const oldest = queue.metricApproximateAgeOfOldestMessage(most);
      raise(`oldest-message-${name}`, 'ticket', oldest, { above: LONGEST_WAIT_SECONDS });
    }
    const functions = [
      service.ingestion.files,
      service.ingestion.api,
      service.scoring.api,
      service.scoring.queue,
      service.scoring.pending,
      service.feedback.api,
      service.feedback.queue,
      service.deadLetters.consumer,
      service.registrar.registrar,
      service.administration.api,
      service.publishing.stream,
      service.publishing.replay,
      service.lake.collect,
      service.lake.compact,
      service.canary.canary,
      service.reconciler.reconciler,
    ];
    for (const { function: watched, entry } of functions) {
      const name = functionName(entry);
      raise(`errors-${name}`, 'ticket', watched.metricErrors(sum));
      raise(`throttles-${name}`, 'ticket', watched.metricThrottles(sum));
    }
    for (const [name, { function: follower }] of [
      ['events', service.publishing.stream],
      ['lake', service.lake.collect],
    ] as const) {
      const age = follower.metric('IteratorAge', most);
      raise(`late-${name}`, 'ticket', age, { above: LATE_MS });
      raise(`lost-soon-${name}`, 'page', age, { above: LOST_SOON_MS });
    }
    for (const [name, severity, metric, ...services] of COUNTED) {
      raise(name, severity, this.figures.total({ metric, services }));
    }
    this.watchApi(service.serviceApi);
    this.watchShares();
    this.watchWatchers();
    new OperationsDashboard(this, 'Dashboard', {
      stageName,
      name: resourceNameOf(stage, stageName, 'operations'),
      data,
      service,
      functions,
      queues,
    });
  }

  private watchApi({ api }: ServiceApi): void {
    this.desk.raise('api-5xx', 'page', api.metricServerError(sum));
    const requests = api.metricCount(sum);
    const watch = (name: string, statistic: keyof typeof ENOUGH_FOR, above: number): void => {
      const latency = api.metricLatency({ ...sum, statistic });
      const floor = ENOUGH_FOR[statistic];
      this.desk.raise(name, 'ticket', latencyWithFloor(latency, requests, floor), { above, periods: [2, 3] });
    };
    watch('api-latency-p99', 'p99', 1_000);
    watch('api-latency-p999', 'p99.9', 3_000);
  }

  /** What is alarming by its share, and what by its absence. */
  private watchShares(): void {
    const { desk, figures } = this;
    const made = { metric: 'DecisionsMade', services: DECIDE };
    const degraded = { metric: 'DecisionsDegraded', services: DECIDE };
    desk.raise('degraded-decisions', 'page', figures.share(degraded, [made], 50), { above: 10 });
    const accepted = { metric: 'EventsAccepted', services: ACCEPT };
    const quarantined = { metric: 'RowsQuarantined', services: ['ingestion-files', 'ingestion-api'] };
    const rows = figures.share(quarantined, [accepted, quarantined], 100);
    desk.raise('quarantined-rows', 'ticket', rows, { above: 20 });
    const ended = ['EventsDecided', 'EventsDuplicate', 'EventsConflict'].map((metric) => ({
      metric,
      services: DECIDE,
    }));
    const dead = { metric: 'RowsDead', services: ['dead-letters'] };
    const silent = figures.unanswered(accepted, [...ended, dead], 20);
    desk.raise('absent-decisions', 'page', silent, { periods: [2, 2] });
    for (const [name, services] of [
      ['retries-forbidden', WORKING],
      ['retries-forbidden-background', BACKGROUND],
    ] as const) {
      const forbidden = figures.total({ metric: 'AwsRetriesForbidden', services });
      desk.raise(name, 'ticket', forbidden, { above: 10, periods: [2, 3] });
    }
  }

  /** The canary and the reconciler: what they find is nothing if they do not run. */
  private watchWatchers(): void {
    const { desk, figures } = this;
    desk.raise('canary-failed', 'page', figures.one('CanaryFailed', 'canary'), { periods: [2, 3] });
    desk.raise('canary-absent', 'page', figures.one('CanaryRuns', 'canary'), { below: 1, periods: [3, 3] });
    const runs = figures.one('ReconcilerRuns', 'reconciler');
    desk.raise('reconciler-absent', 'ticket', runs, { below: 1, periods: [3, 3] });
  }
}
