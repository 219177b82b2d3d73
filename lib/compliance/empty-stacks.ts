import { readFileSync } from 'node:fs';

import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';

/** Refuses a stack without resources: every other gate passes it without a word. */
export class EmptyStacks implements IPolicyValidationPlugin {
  readonly name = 'empty-stacks';

  validate({ stackTemplates }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = stackTemplates
      .filter(({ templatePath }) => resourceCount(templatePath) === 0)
      .map(({ stackConstructPath }) => ({
        ruleName: 'empty-stack',
        description: 'the stack has no resources, so nothing in it was checked',
        severity: 'error',
        violatingResources: [{ constructPath: stackConstructPath, locations: ['Resources'] }],
      }));
    return { success: violations.length === 0, violations };
  }
}

/** Metadata of the CDK is no resource that anybody would miss. */
const resourceCount = (templatePath: string): number => {
  const { Resources = {} } = JSON.parse(readFileSync(templatePath, 'utf8')) as {
    Resources?: Record<string, { Type: string }>;
  };
  return Object.values(Resources).filter(({ Type }) => Type !== 'AWS::CDK::Metadata').length;
};
