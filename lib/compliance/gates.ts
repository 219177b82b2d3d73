import {
  type App,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  Validations,
} from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';

import type { StageConfig } from '../config.ts';
import { ACKNOWLEDGEMENTS, type Acknowledgement, covers } from './acknowledgements.ts';
import { EmptyStacks } from './empty-stacks.ts';
import { findingsOf, violationsOf } from './findings.ts';
import { ControlTowerRules } from './guard.ts';

/** All that a template must pass before it is deployed. */
export const gates = (): IPolicyValidationPlugin[] => [
  new EmptyStacks(),
  new AwsSolutionsChecks(),
  new ServerlessChecks(),
  new NIST80053R5Checks(),
  new PCIDSS321Checks(),
  new ControlTowerRules(),
];

/** A gate that lets pass what has been acknowledged, and nothing else. */
class Gate implements IPolicyValidationPlugin {
  readonly name: string;
  readonly #inner: IPolicyValidationPlugin;
  readonly #acknowledged: readonly Acknowledgement[];

  constructor(inner: IPolicyValidationPlugin, acknowledged: readonly Acknowledgement[]) {
    this.name = inner.name;
    this.#inner = inner;
    this.#acknowledged = acknowledged;
  }

  validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const open = findingsOf(this.#inner, context).filter(
      (finding) => !this.#acknowledged.some((acknowledgement) => covers(acknowledgement, finding)),
    );
    return { success: open.length === 0, violations: violationsOf(open) };
  }
}

/**
 * Makes synthesis fail on every finding of cdk-nag's packs (AwsSolutions, Serverless, NIST 800-53 R5, PCI DSS 3.2.1)
 * and of cfn-guard that is not acknowledged, and on an empty stack. Takes a few seconds.
 */
export const addGates = (
  app: App,
  stage: StageConfig,
  acknowledgements: readonly Acknowledgement[] = ACKNOWLEDGEMENTS,
): void => {
  const inForce = acknowledgements.filter(({ when = () => true }) => when(stage));
  Validations.of(app).addPlugins(...gates().map((gate) => new Gate(gate, inForce)));
};
