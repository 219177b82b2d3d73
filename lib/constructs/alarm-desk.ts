import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

import { resourceNameOf, type StageConfig } from '../config.ts';

/** `page`: now, whoever is on call. `ticket`: today. */
export type Severity = 'page' | 'ticket';

export interface AlarmDeskProps {
  readonly stageName: string;
  readonly stage: StageConfig;
  readonly encryptionKey: IKey;
}

export interface AlarmOptions {
  /** Higher than this is too high. @default unless `below` is given: 0 */
  readonly above?: number;
  /** Lower than this is too low, and so is nothing at all. */
  readonly below?: number;
  /** So many of the last so many periods. @default 1 of 1 */
  readonly periods?: readonly [bad: number, of: number];
}

/** Where alarms are raised: a topic for each severity, and a section of docs/runbook.md for each alarm. */
export class AlarmDesk extends Construct {
  private readonly actions: Readonly<Record<Severity, SnsAction>>;
  private readonly named: (name: string) => string;

  constructor(scope: Construct, id: string, { stageName, stage, encryptionKey }: AlarmDeskProps) {
    super(scope, id);
    this.named = (name) => resourceNameOf(stage, stageName, name);
    const topic = (topicId: string, name: string, email: string | undefined): SnsAction => {
      // The stack's own children, as they were before there was a desk: another id is another topic.
      const made = new Topic(scope, topicId, {
        topicName: this.named(name),
        displayName: `Assay ${stageName} ${name}`,
        enforceSSL: true,
        masterKey: encryptionKey,
      });
      // A topic with a policy of its own has lost the default one, by which alarms reach it.
      made.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
          actions: ['sns:Publish'],
          resources: [made.topicArn],
          conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        }),
      );
      if (email) made.addSubscription(new EmailSubscription(email));
      return new SnsAction(made);
    };
    const pages = topic('Alarms', 'alarms', stage.alarmEmail);
    this.actions = { page: pages, ticket: topic('Tickets', 'tickets', stage.ticketEmail ?? stage.alarmEmail) };
    for (const [output, name] of [
      ['AlarmTopic', 'Alarms'],
      ['TicketTopic', 'Tickets'],
    ] as const) {
      new CfnOutput(scope, output, { value: (scope.node.findChild(name) as Topic).topicArn });
    }
  }

  /** Raises an alarm under a name that has a section in the runbook. */
  raise(name: string, severity: Severity, metric: IMetric, { above = 0, below, periods }: AlarmOptions = {}): void {
    const [bad, of] = periods ?? [1, 1];
    const alarm = new Alarm(Stack.of(this), name, {
      alarmName: this.named(name),
      alarmDescription: `[${severity}] docs/runbook.md#${name}`,
      metric,
      threshold: below ?? above,
      evaluationPeriods: of,
      datapointsToAlarm: bad,
      comparisonOperator:
        below === undefined ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    });
    alarm.addAlarmAction(this.actions[severity]);
  }
}
