import { resolve } from 'node:path';

import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyViolation } from 'aws-cdk-lib';
import { CfnResource, Stack } from 'aws-cdk-lib';

/** A resource that does not meet a rule. */
export interface Finding {
  /** The rule's name; for rules with several findings, with the one that is meant: `AwsSolutions-IAM5[Resource::*]`. */
  readonly rule: string;
  /** Path of the construct, `Data/Inbox/Resource`; of the stack alone where a gate does not say. */
  readonly path: string;
  /** CloudFormation type; empty where a gate does not say. */
  readonly type: string;
  readonly description: string;
}

/** What a gate finds in an app, before anything is acknowledged. */
export const findingsOf = (plugin: IPolicyValidationPlugin, context: IPolicyValidationContext): Finding[] => {
  const constructs = constructsOf(context);
  return plugin.validate(context).violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ constructPath, resourceLogicalId, templatePath }) => {
      // A gate may name the template in full and CDK from where it runs, or the other way round.
      const template = resolve(templatePath ?? '');
      const stack =
        context.stackTemplates.find((one) => resolve(one.templatePath) === template)?.stackConstructPath ?? '';
      const path = constructPath ?? constructs.paths.get(`${stack}/${resourceLogicalId}`) ?? stack;
      return { rule: legible(ruleName), path, type: constructs.types.get(path) ?? '', description };
    }),
  );
};

/** Findings as CDK shows them. */
export const violationsOf = (findings: readonly Finding[]): PolicyViolation[] =>
  findings.map(({ rule, path, description }) => ({
    ruleName: rule,
    description,
    severity: 'error',
    violatingResources: [{ constructPath: path, locations: ['Properties'] }],
  }));

const constructsOf = ({ appConstruct }: IPolicyValidationContext) => {
  const resources = appConstruct.node.findAll().filter((construct) => CfnResource.isCfnResource(construct));
  return {
    /** By path of the stack and logical id. */
    paths: new Map(
      resources.map((one) => [`${Stack.of(one).node.path}/${Stack.of(one).resolve(one.logicalId)}`, one.node.path]),
    ),
    types: new Map(resources.map((one) => [one.node.path, one.cfnResourceType])),
  };
};

const PART = '(?:<[^>]+>|[^:<]*)';
const PLACE_IN_ARN = new RegExp(`(?<=Resource::arn:)${PART}:([a-z-]+):${PART}:${PART}:`, 'g');

/**
 * Names what a finding refers to as every stage does: by construct and not by hash, `<Models.Arn>/*` also for another
 * stack's export, and without partition, region, account and stage.
 */
const legible = (ruleName: string): string =>
  ruleName
    .replace(/[\w-]+:ExportsOutput(?:FnGetAtt|Ref)(\w+?)[0-9A-F]{8}(\w*?)[0-9A-F]{8}(?=\W|$)/g, (_, id, attribute) =>
      attribute === '' ? `<${id}>` : `<${id}.${attribute}>`,
    )
    .replace(/<(\w+?)[0-9A-F]{8}(\.\w+)?>/g, '<$1$2>')
    .replace(/(DeploymentStage)\w+>/g, '$1>')
    .replace(PLACE_IN_ARN, '$1:');
