import { type IPolicyValidationPlugin, Validations } from 'aws-cdk-lib';

import { type Finding, findingsOf } from '../../lib/compliance/findings.ts';
import { gates } from '../../lib/compliance/gates.ts';
import { withApp } from './empty-app.ts';

/** Writes down what a gate finds, and lets everything pass. */
const recorder = (inner: IPolicyValidationPlugin, findings: Finding[]): IPolicyValidationPlugin => ({
  name: `recorded-${inner.name.replaceAll('.', '-')}`,
  validate(context) {
    findings.push(...findingsOf(inner, context));
    return { success: true, violations: [] };
  },
});

// A process of its own, as the CDK loads faster here. Prints what the gates find in a stage before anything is
// acknowledged.
const findings: Finding[] = [];
withApp(process.argv[2] ?? '{}', (app) => {
  Validations.of(app).addPlugins(...gates().map((gate) => recorder(gate, findings)));
  app.synth();
});
process.stdout.write(JSON.stringify(findings));
