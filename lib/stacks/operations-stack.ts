import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

import { functionName } from '../bundle.ts';
import { resourceNameOf, type StageConfig } from '../config.ts';
import { metricNamespace } from '../constructs/service-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import type { DataStack } from './data-stack.ts';
import type { ServiceStack } from './service-stack.ts';

export interface OperationsStackProps extends StackProps {
  readonly stageName: string;
  readonly stage: StageConfig;
  readonly data: DataStack;
  readonly service: ServiceStack;
}

type Severity = 'page' | 'ticket';

const READ_CATALOG = ['ingestion-files', 'ingestion-api', 'scoring-api', 'scoring-queue', 'feedback-api'];
const DECIDE = ['scoring-api', 'scoring-queue'];

/** What the functions count themselves and must never happen unseen: alarm, severity, metric, functions. */
const COUNTED: readonly (readonly [name: string, severity: Severity, metric: string, ...services: string[]])[] = [
  ['dead-rows', 'page', 'RowsDead', 'dead-letters'],
  ['unreadable-dead-letters', 'page', 'DeadLettersUnreadable', 'dead-letters'],
  ['catalog-refused', 'ticket', 'CatalogRefused', 'registrar'],
  ['catalog-rebuilt', 'page', 'CatalogRebuilt', 'registrar'],
  ['audit-undelivered', 'page', 'AuditUndelivered', 'registrar'],
  ['stale-lists', 'page', 'ListsStale', ...DECIDE],
  ['lists-lacking-keys', 'ticket', 'ListsLackingKeys', 'registrar'],
  ['stale-catalog', 'ticket', 'CatalogStale', ...READ_CATALOG],
  ['degraded-decisions', 'ticket', 'DecisionsDegraded', ...DECIDE],
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
];

/** Alarms on everything that would otherwise be silent; each has a section of the same name in docs/runbook.md. */
export class OperationsStack extends Stack {
  private readonly action: SnsAction;
  private readonly names: (name: string) => string;
  private readonly stageName: string;

  constructor(scope: Construct, id: string, { stageName, stage, data, service, ...props }: OperationsStackProps) {
    super(scope, id, props);
    this.stageName = stageName;
    const topic = new Topic(this, 'Alarms', {
      topicName: resourceNameOf(stage, stageName, 'alarms'),
      displayName: `Assay ${stageName} alarms`,
      enforceSSL: true,
      masterKey: data.queueKey,
    });
    // A topic with a policy of its own has lost the default one, by which alarms reach it.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    if (stage.alarmEmail) topic.addSubscription(new EmailSubscription(stage.alarmEmail));
    this.action = new SnsAction(topic);
    this.names = (name) => resourceNameOf(stage, stageName, name);
    new CfnOutput(this, 'AlarmTopic', { value: topic.topicArn });

    const queues: Record<string, WorkQueue> = {
      files: data.files,
      chunks: data.chunks,
      feedback: data.feedbackChunks,
      pending: data.pending,
      streams: data.streamRecords,
    };
    for (const [name, { queue, deadLetters }] of Object.entries(queues)) {
      // Visible messages, not messages sent: what SQS itself moves to a dead-letter queue is not counted as sent.
      this.alarm(`dead-letters-${name}`, 'page', deadLetters.metricApproximateNumberOfMessagesVisible(most), 0);
      this.alarm(`oldest-message-${name}`, 'ticket', queue.metricApproximateAgeOfOldestMessage(most), 900);
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
      service.publishing.stream,
      service.publishing.replay,
      service.lake.collect,
      service.lake.compact,
    ];
    for (const { function: watched, entry } of functions) {
      const name = functionName(entry);
      this.alarm(`errors-${name}`, 'ticket', watched.metricErrors(sum), 0);
      this.alarm(`throttles-${name}`, 'ticket', watched.metricThrottles(sum), 0);
    }
    for (const [name, { function: follower }] of [
      ['late-events', service.publishing.stream],
      ['late-lake', service.lake.collect],
    ] as const) {
      this.alarm(name, 'ticket', follower.metric('IteratorAge', most), 3_600_000);
    }
    this.alarm('api-5xx', 'page', service.serviceApi.api.metricServerError(sum), 0);
    for (const [name, severity, metricName, ...services] of COUNTED) {
      this.alarm(name, severity, this.metric(metricName, services), 0);
    }
  }

  /** What these functions count together. */
  private metric(metricName: string, services: readonly string[]): IMetric {
    const namespace = metricNamespace(this.stageName);
    const counts = services.map((service) => new Metric({ namespace, metricName, dimensionsMap: { service }, ...sum }));
    const [first, ...others] = counts;
    if (first && others.length === 0) return first;
    const usingMetrics = Object.fromEntries(counts.map((count, index) => [`m${index}`, count]));
    return new MathExpression({ expression: 'SUM(METRICS())', usingMetrics, period: sum.period, label: metricName });
  }

  private alarm(name: string, severity: Severity, metric: IMetric, above: number): void {
    const alarm = new Alarm(this, name, {
      alarmName: this.names(name),
      alarmDescription: `[${severity}] docs/runbook.md#${name}`,
      metric,
      threshold: above,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(this.action);
  }
}

const sum = { statistic: 'Sum', period: Duration.minutes(5) };
const most = { statistic: 'Maximum', period: Duration.minutes(5) };
