import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';

const PACKAGE = dirname(createRequire(import.meta.url).resolve('@cdklabs/cdk-validator-cfnguard/package.json'));
const RULES = globSync(join(PACKAGE, 'rules', 'control-tower', 'cfn-guard', '**', '*.guard'));

/** Output of cfn-guard that is read at most: it tells of every property that it looked at. */
const LARGEST_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * AWS Control Tower's proactive controls, by the cfn-guard that the package brings along: works offline.
 *
 * Of its rules, those that name a type which the templates have: the others could find nothing, and take most of the
 * time.
 */
export class ControlTowerRules implements IPolicyValidationPlugin {
  readonly name = 'cfn-guard';

  validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const types = context.templatePaths.flatMap((path) =>
      Object.values(
        (JSON.parse(readFileSync(path, 'utf8')) as { Resources: Record<string, { Type: string }> }).Resources,
      ),
    );
    const named = [...new Set(types.map(({ Type }) => `"${Type}"`))];
    const rules = RULES.filter((file) => {
      const text = readFileSync(file, 'utf8');
      return named.some((type) => text.includes(type));
    });
    if (rules.length === 0) return { success: true, violations: [] };
    const guard = new CfnGuardValidator({ controlTowerRulesEnabled: false, rules, maxBuffer: LARGEST_OUTPUT_BYTES });
    return guard.validate(context);
  }
}
