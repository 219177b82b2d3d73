import { Duration } from 'aws-cdk-lib';
import { type CustomMetricGroup, DefaultDashboardFactory, MonitoringFacade } from 'cdk-monitoring-constructs';
import { Construct } from 'constructs';

import { functionName } from '../bundle.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import type { ServiceStack } from '../stacks/service-stack.ts';
import { type Counted, Figures } from './figures.ts';
import type { ServiceFunction } from './service-function.ts';
import type { WorkQueue } from './work-queue.ts';

export interface OperationsDashboardProps {
  readonly stageName: string;
  /** Of the dashboard. */
  readonly name: string;
  readonly data: DataStack;
  readonly service: ServiceStack;
  readonly functions: readonly ServiceFunction<never>[];
  readonly queues: Readonly<Record<string, WorkQueue>>;
}

const DOORS = ['ingestion-files', 'ingestion-api', 'scoring-api'];
const DECIDE = ['scoring-api', 'scoring-queue'];

/** What functions count, by the title of its graph. */
const COUNTS: Readonly<Record<string, readonly Counted[]>> = {
  'Events accepted, by door': DOORS.map((door) => ({ metric: 'EventsAccepted', services: [door] })),
  'How events ended': [
    { metric: 'EventsDecided', services: DECIDE },
    { metric: 'EventsDuplicate', services: DECIDE },
    { metric: 'EventsConflict', services: DECIDE },
    { metric: 'RowsQuarantined', services: ['ingestion-files', 'ingestion-api'] },
    { metric: 'RowsDead', services: ['dead-letters', 'reconciler'] },
  ],
  Outcomes: ['OutcomesApprove', 'OutcomesReview', 'OutcomesDecline', 'OutcomesOther'].map((metric) => ({
    metric,
    services: DECIDE,
  })),
  'Decided without something': ['DecisionsMade', 'DecisionsDegraded', 'MemberFailures', 'BreakersOpened'].map(
    (metric) => ({ metric, services: DECIDE }),
  ),
  'Recorded later': [
    { metric: 'DecisionsPending', services: ['scoring-api'] },
    { metric: 'DecisionsRival', services: ['scoring-pending'] },
  ],
  Files: ['FilesCompleted', 'FilesQuarantined', 'FilesImbalanced', 'FilesOverdue'].map((metric) => ({
    metric,
    services: ['ingestion-files'],
  })),
  Canary: ['CanaryRuns', 'CanaryFailed'].map((metric) => ({ metric, services: ['canary'] })),
  Reconciler: ['ReconcilerRuns', 'FilesReconciled', 'ReconcilerImbalances', 'FilesStale', 'FilesRedriven'].map(
    (metric) => ({ metric, services: ['reconciler'] }),
  ),
  'Refused and forbidden': ['AccessDenied', 'AwsRetries', 'AwsRetriesForbidden'].map((metric) => ({
    metric,
    services: DECIDE,
  })),
};

/** What functions measure, in milliseconds. */
const DURATIONS: readonly (readonly [metric: string, service: string])[] = [
  ['DecisionMs', 'scoring-api'],
  ['QueueAgeMs', 'scoring-queue'],
  ['FileMs', 'ingestion-files'],
  ['CanaryApiMs', 'canary'],
  ['CanaryFileMs', 'canary'],
];
const PERCENTILES = ['p50', 'p99'];

/** One page of what an operator looks at: traffic, outcomes, latency, then every function, queue and table. */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, props: OperationsDashboardProps) {
    super(scope, id);
    const { stageName, name, data, service, functions, queues } = props;
    const dashboardFactory = new DefaultDashboardFactory(this, 'Factory', {
      dashboardNamePrefix: name,
      detailDashboardRange: Duration.hours(8),
    });
    const page = new MonitoringFacade(this, 'Page', { dashboardFactory });
    const figures = new Figures(stageName);
    const counts = Object.entries(COUNTS).map(
      ([title, counted]): CustomMetricGroup => ({ title, metrics: counted.map((each) => figures.total(each)) }),
    );
    const durations = DURATIONS.map(
      ([metric, of]): CustomMetricGroup => ({
        title: `${metric} of ${of}`,
        metrics: PERCENTILES.map((statistic) => figures.one(metric, of, { statistic })),
      }),
    );
    page.addLargeHeader(`Assay ${stageName}`);
    page.monitorCustom({ ...named('Events and decisions'), metricGroups: counts });
    page.monitorCustom({ ...named('Milliseconds'), metricGroups: durations });
    const { api } = service.serviceApi;
    page.monitorApiGateway({ api, apiStage: stageName, ...named('API') });
    for (const [queue, { queue: source, deadLetters }] of Object.entries(queues)) {
      page.monitorSqsQueueWithDlq({ queue: source, deadLetterQueue: deadLetters, ...named(`Queue ${queue}`) });
    }
    for (const { function: each, entry } of functions) {
      page.monitorLambdaFunction({ lambdaFunction: each, ...named(functionName(entry)), isIterator: false });
    }
    const tables = { event: data.eventTable, file: data.fileTable, feedback: data.feedbackTable };
    for (const [table, each] of Object.entries({ ...tables, registry: data.registryTable })) {
      page.monitorDynamoTable({ table: each, ...named(`Table ${table}`) });
    }
  }
}

/** The construct wants a name for alarms as well, although it makes none here. */
const named = (humanReadableName: string) => ({
  humanReadableName,
  alarmFriendlyName: humanReadableName.replaceAll(/[^A-Za-z0-9]/g, '-'),
});
