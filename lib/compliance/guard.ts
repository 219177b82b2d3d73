import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';

const PACKAGE = dirname(createRequire(import.meta.url).resolve('@cdklabs/cdk-validator-cfnguard/package.json'));
const RULES = globSync(join(PACKAGE, 'rules', 'control-tower', 'cfn-guard', '**', '*.guard')).map((file) => ({
  file,
  text: readFileSync(file, 'utf8'),
}));

/** Output of cfn-guard that is read at most: it tells of every property that it looked at. */
const LARGEST_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * AWS Control Tower's proactive controls, by the cfn-guard that the package brings along: works offline.
 *
 * Each template is judged by the rules that name a type which it has: the others could find nothing, and take most of the
 * time.
 */
export class ControlTowerRules implements IPolicyValidationPlugin {
  readonly name = 'cfn-guard';

  validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const reports = context.templatePaths.map((path) => this.#judge(path, context));
    return {
      success: reports.every(({ success }) => success),
      violations: reports.flatMap(({ violations }) => violations),
    };
  }

  #judge(templatePath: string, context: IPolicyValidationContext): PolicyValidationPluginReport {
    const { Resources = {} } = JSON.parse(readFileSync(templatePath, 'utf8')) as {
      Resources?: Record<string, { Type: string }>;
    };
    const named = [...new Set(Object.values(Resources).map(({ Type }) => `"${Type}"`))];
    const rules = RULES.filter(({ text }) => named.some((type) => text.includes(type))).map(({ file }) => file);
    if (rules.length === 0) return { success: true, violations: [] };
    const guard = new CfnGuardValidator({ controlTowerRulesEnabled: false, rules, maxBuffer: LARGEST_OUTPUT_BYTES });
    return guard.validate({ ...context, templatePaths: [templatePath] });
  }
}
