import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

import { resourceNameOf, type StageConfig } from '../config.ts';

export interface FirewallProps {
  readonly stageName: string;
  readonly stage: StageConfig;
  readonly api: RestApi;
  /** Encrypts the log of what was blocked. */
  readonly logKey: IKey;
}

/**
 * Managed groups of rules, with those of their rules that only count.
 *
 * What a body holds is what Assay is there to judge: a sign-up whose name is an attack must be decided, not turned away,
 * and a batch is longer than the 8 KB that the common rules allow.
 */
const MANAGED: readonly (readonly [group: string, counted: readonly string[]])[] = [
  ['AWSManagedRulesAmazonIpReputationList', []],
  [
    'AWSManagedRulesCommonRuleSet',
    ['SizeRestrictions_BODY', 'CrossSiteScripting_BODY', 'EC2MetaDataSSRF_BODY', 'GenericLFI_BODY', 'GenericRFI_BODY'],
  ],
  ['AWSManagedRulesKnownBadInputsRuleSet', ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY']],
];

const WINDOW_SECONDS = 300;

/** Headers that hold what a request is signed with. */
const SECRET_HEADERS = ['authorization', 'x-amz-security-token'];

/** Turns away floods, known attackers and known attacks before they reach the API, and logs what it turned away. */
export class Firewall extends Construct {
  constructor(scope: Construct, id: string, { stageName, stage, api, logKey }: FirewallProps) {
    super(scope, id);
    const name = resourceNameOf(stage, stageName);
    const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
      metricName,
      cloudWatchMetricsEnabled: true,
      // Samples would show paths and queries, which hold ids.
      sampledRequestsEnabled: false,
    });
    const rules = new CfnWebACL(this, 'Rules', {
      name,
      description: 'Before the API of Assay',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible(name),
      rules: [
        {
          name: 'too-many-from-one-address',
          priority: 0,
          action: { block: {} },
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              evaluationWindowSec: WINDOW_SECONDS,
              limit: stage.firewall.requestsPerAddress ?? stage.api.requestsPerSecond * WINDOW_SECONDS,
            },
          },
          visibilityConfig: visible(`${name}-too-many-from-one-address`),
        },
        ...MANAGED.map(
          ([group, counted], index): CfnWebACL.RuleProperty => ({
            name: group,
            priority: index + 1,
            overrideAction: { none: {} },
            statement: {
              managedRuleGroupStatement: {
                vendorName: 'AWS',
                name: group,
                ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
              },
            },
            visibilityConfig: visible(`${name}-${group}`),
          }),
        ),
      ],
    });
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: api.deploymentStage.stageArn,
      webAclArn: rules.attrArn,
    });
    this.logBlocked(
      rules,
      new LogGroup(this, 'Logs', {
        // The prefix is WAF's condition for a log group.
        logGroupName: `aws-waf-logs-${name}`,
        encryptionKey: logKey,
        retention: stage.logRetentionDays as RetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    );
  }

  /** What was let through is in the API's own log already. Paths and queries stay out of it: they may hold ids. */
  private logBlocked(rules: CfnWebACL, { logGroupName }: LogGroup): void {
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: rules.attrArn,
      logDestinationConfigs: [
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
          },
        ],
      },
      redactedFields: [
        { uriPath: {} },
        { queryString: {} },
        ...SECRET_HEADERS.map((name) => ({ singleHeader: { Name: name } })),
      ],
    });
  }
}
