import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { Command } from 'commander';

import { type AssemblyStack, readAssembly } from '#local/assembly/manifest.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BASELINE = join(ROOT, 'test', 'fixtures', 'upgrade', 'released.json');

interface Flags {
  readonly assembly: string;
  readonly baseline?: string;
  readonly out: string;
  readonly release: string;
}

/** `upgrade`: what a deployment would lose, asked before it is begun. */
export const upgradeCommand = (): Command =>
  new Command('upgrade')
    .description('check what a deployment would replace or remove, before it is begun')
    .addCommand(
      new Command('check')
        .description('refuse templates that would lose state, against what is deployed or a release')
        .option('--assembly <folder>', 'what cdk synth wrote', 'cdk.out')
        .option('--baseline <file>', 'a release to compare with, instead of what is deployed in the account')
        .action((flags: Flags) => check(flags)),
    )
    .addCommand(
      new Command('baseline')
        .description('write down what a release keeps, for later checks; run once for each release')
        .requiredOption('--release <version>', 'version of the release')
        .option('--assembly <folder>', 'what cdk synth wrote', 'cdk.out')
        .option('--out <file>', 'file to write', BASELINE)
        .action(async ({ assembly, out, release }: Flags) => {
          const { writeRelease } = await import('../upgrade/releases.ts');
          writeRelease(out, release, stacksIn(assembly));
        }),
    );

const check = async ({ assembly, baseline }: Flags): Promise<void> => {
  // Loaded when asked for: it knows every property of every resource type, which takes a while.
  const { refusalsOf } = await import('../upgrade/refusals.ts');
  const stacks = stacksIn(assembly);
  const before = await templatesBefore(baseline);
  let refused = 0;
  for (const { name, template } of stacks) {
    const old = await before(name);
    const refusals = old ? refusalsOf(old, template) : [];
    console.log(`${name}: ${old ? verdictOn(refusals) : 'new'}`);
    for (const refusal of refusals) console.log(`  ${refusal}`);
    refused += refusals.length;
  }
  if (refused > 0) throw new Error('this deployment would lose state; see docs/deploy.md, "Upgrades"');
};

/** @throws {Error} that says how to synthesize the app. */
const stacksIn = (assembly: string): readonly AssemblyStack[] => {
  if (existsSync(join(assembly, 'manifest.json'))) return readAssembly(assembly).stacks;
  throw new Error(
    `'${assembly}' holds no synthesized app; run 'npx cdk synth -q -c stage=NAME' first, or name what it wrote by --assembly`,
  );
};

const verdictOn = ({ length }: readonly string[]): string => (length === 0 ? 'keeps its state' : `${length} refused`);

const templatesBefore = async (baseline: string | undefined) => {
  const { deployedTemplate, partOf, readRelease } = await import('../upgrade/releases.ts');
  if (baseline !== undefined) {
    const { stacks } = readRelease(baseline);
    return async (name: string) => stacks[partOf(name)];
  }
  const client = new CloudFormationClient({});
  return (name: string) => deployedTemplate(client, name);
};
