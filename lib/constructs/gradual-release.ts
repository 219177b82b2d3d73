import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type ILambdaDeploymentConfig,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import { type FunctionEntry, functionName } from '../bundle.ts';
import { resourceNameOf, type StageConfig } from '../config.ts';
import type { SHIFTS } from '../security-options.ts';
import { ServiceFunction } from './service-function.ts';

export interface GradualReleaseProps {
  readonly stageName: string;
  readonly stage: StageConfig;
  readonly api: RestApi;
  /** Functions that somebody waits for: their new version must also be quick. */
  readonly waitedFor: readonly ServiceFunction[];
}

const STEPS: Readonly<Record<(typeof SHIFTS)[number], ILambdaDeploymentConfig>> = {
  'all-at-once': LambdaDeploymentConfig.ALL_AT_ONCE,
  'canary-10-percent-5-minutes': LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  'canary-10-percent-15-minutes': LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  'linear-10-percent-every-1-minute': LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
};

/**
 * Each version of the registrar brings the catalog of its own checkout: two of them side by side would write one over
 * the other, in turns. Nobody waits for it, and the release before can read what it writes.
 */
const AT_ONCE: ReadonlySet<FunctionEntry> = new Set(['registrar']);

const RUNBOOK = 'docs/runbook.md#when-a-release-is-rolled-back';
const minute = Duration.minutes(1);

/**
 * Moves traffic to a new version of each function but the registrar step by step, and back when an alarm sounds.
 *
 * The alarms look at the new version alone: while an alias stands for two versions, Lambda counts each of them apart.
 * Without traffic they stay silent, and a percentile of too few invocations is not judged.
 */
export class GradualRelease extends Construct {
  private readonly nameOf: (name: string) => string;

  constructor(scope: Construct, id: string, { stageName, stage, api, waitedFor }: GradualReleaseProps) {
    super(scope, id);
    this.nameOf = (name) => resourceNameOf(stage, stageName, name);
    const application = new LambdaApplication(this, 'Application', { applicationName: this.nameOf('functions') });
    // One for all groups: each would otherwise make its own.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      description: 'Shifts traffic between versions of the functions of Assay',
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSCodeDeployRoleForLambdaLimited')],
    });
    const answers = this.alarm('release-5xx', api.metricServerError({ statistic: 'Sum', period: minute }), 0);
    const all = scope.node.findAll().filter((found) => found instanceof ServiceFunction);
    for (const released of all.filter(({ entry }) => !AT_ONCE.has(entry))) {
      const name = functionName(released.entry);
      const alarms = [this.alarm(`release-errors-${name}`, newVersion(released, 'Errors', 'Sum'), 0)];
      if (waitedFor.includes(released)) {
        alarms.push(answers);
        alarms.push(this.alarm(`release-p99-${name}`, newVersion(released, 'Duration', 'p99'), stage.release.p99Ms));
      }
      new LambdaDeploymentGroup(this, `Release-${name}`, {
        application,
        alias: released.live,
        deploymentConfig: STEPS[stage.release.shift],
        alarms,
        role,
        autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
      });
    }
  }

  private alarm(name: string, metric: IMetric, threshold: number): Alarm {
    return new Alarm(this, name, {
      alarmName: this.nameOf(name),
      alarmDescription: `[ticket] ${RUNBOOK}`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      evaluateLowSampleCountPercentile: 'ignore',
    });
  }
}

/** What Lambda counts of the version that a release brings in. */
const newVersion = ({ function: released, live }: ServiceFunction, metricName: string, statistic: string): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    statistic,
    period: minute,
    dimensionsMap: {
      FunctionName: released.functionName,
      Resource: `${released.functionName}:${live.aliasName}`,
      ExecutedVersion: released.currentVersion.version,
    },
  });
