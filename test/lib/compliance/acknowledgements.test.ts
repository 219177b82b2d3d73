import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { ACKNOWLEDGEMENTS, type Acknowledgement, covers } from '../../../lib/compliance/acknowledgements.ts';
import type { Finding } from '../../../lib/compliance/findings.ts';
import { StageSchema } from '../../../lib/config.ts';
import { BANK, SMALL_TEAM } from '../../support/stages.ts';

/** What the gates find in a stage before anything is acknowledged. */
const findingsIn = (stage: object): readonly Finding[] => {
  const program = join(import.meta.dirname, '../../support/gate-findings.ts');
  const printed = execFileSync(process.execPath, [program, JSON.stringify(stage)], {
    encoding: 'utf8',
    // CloudFormation's own validation takes longer than all the gates; other tests run it.
    env: { ...process.env, CDK_VALIDATION: 'false' },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 240_000,
  });
  return JSON.parse(printed);
};

/** One entry for each rule and place that an acknowledgement speaks of. */
const parts = ({ rules, on, ...rest }: Acknowledgement): Acknowledgement[] =>
  rules.flatMap((rule) => on.map((place) => ({ ...rest, rules: [rule], on: [place] })));

describe.each([
  ['a small team', SMALL_TEAM],
  ['a bank', BANK],
])('the stage of %s', (_, given) => {
  const stage = StageSchema.parse(given);
  const inForce = ACKNOWLEDGEMENTS.filter(({ when = () => true }) => when(stage));
  let findings: readonly Finding[] = [];

  beforeAll(() => {
    findings = findingsIn(given);
  }, 240_000);

  test('was looked at by every gate, in every stack', () => {
    const gates = ['AwsSolutions-', 'Serverless-', 'NIST.800.53.R5-', 'PCI.DSS.321-', '_check'];
    const stacks = new Set(findings.map(({ path }) => path.split('/')[0]));

    for (const gate of gates) expect(findings.some(({ rule }) => rule.includes(gate))).toBe(true);
    expect([...stacks].sort()).toEqual(expect.arrayContaining(['Data', 'Service']));
  });

  test('has no finding that nobody answers for', () => {
    const open = findings.filter((finding) => !inForce.some((acknowledgement) => covers(acknowledgement, finding)));

    expect(open).toEqual([]);
  });

  test('needs every acknowledgement that is in force, rule by rule and place by place', () => {
    const idle = inForce.flatMap(parts).filter((part) => !findings.some((finding) => covers(part, finding)));

    expect(idle.map(({ rules, on }) => `${rules} on ${on}`)).toEqual([]);
  });

  test('has no finding that two acknowledgements answer for', () => {
    const twice = findings.filter((finding) => inForce.filter((one) => covers(one, finding)).length > 1);

    expect(twice).toEqual([]);
  });
});

test('every acknowledgement is in force in one of these stages at least', () => {
  const stages = [SMALL_TEAM, BANK].map((given) => StageSchema.parse(given));
  const unseen = ACKNOWLEDGEMENTS.filter(({ when = () => true }) => !stages.some(when));

  expect(unseen).toEqual([]);
});

const PLATITUDES =
  /\b(false positive|not applicable|n\/a|by design|accepted risk|not needed|not required|suppress|ignore)\b/i;

test.each(ACKNOWLEDGEMENTS.map(({ rules, reason }) => [rules[0] ?? '', reason] as const))(
  '%s is acknowledged for a reason that says something',
  (_, reason) => {
    expect(reason.length).toBeGreaterThan(80);
    expect(reason.split(/\s+/).length).toBeGreaterThan(14);
    expect(reason).not.toMatch(PLATITUDES);
    expect(reason).toMatch(/^[A-Z].*[.]$/);
  },
);

test('no reason serves twice', () => {
  const reasons = ACKNOWLEDGEMENTS.map(({ reason }) => reason);

  expect(new Set(reasons).size).toBe(reasons.length);
});
