import { Command } from 'commander';
import pc from 'picocolors';
import { probeAt } from '../../functions/canary/probe.ts';
import { resourceNameOf } from '../../lib/config.ts';
import { smokeChecks } from '../smoke/checks.ts';
import { type CheckResult, runChecks } from '../smoke/run-checks.ts';
import { stageNamed } from '../system/system.ts';
import { table } from '../system/tables.ts';
import { onSystem, type TargetFlags, withClient } from '../system/target.ts';

/** `smoke`: whether a system does what it is there for, seen from outside. */
export const smokeCommand = (): Command =>
  onSystem(new Command('smoke'))
    .description(
      'try a running or deployed system with your own credentials: decisions, feedback, a file, audit, alarms',
    )
    .action(smoke);

const smoke = async (flags: TargetFlags): Promise<void> => {
  const checks = await withClient(flags, (client) => {
    const { stage } = flags;
    const { region } = client.system;
    const alarms = stage === undefined ? undefined : { region, prefix: resourceNameOf(stageNamed(stage), stage, '') };
    return runChecks(smokeChecks(client, probeAt(Date.now(), 'smoke'), alarms));
  });
  const ok = checks.every(({ status }) => status !== 'failed');
  console.log(flags.json ? JSON.stringify({ ok, checks }, undefined, 2) : inWords(checks, ok));
  if (!ok) process.exitCode = 1;
};

const MARKS = { passed: pc.green('passed'), failed: pc.red('failed'), skipped: pc.dim('skipped') };

const inWords = (checks: readonly CheckResult[], ok: boolean): string => {
  const rows = table(['check', 'result', 'ms', 'what was found']);
  for (const { name, status, ms, detail } of checks) rows.push([name, MARKS[status], ms, detail]);
  const remedies = checks.flatMap(({ name, remedy }) => (remedy === undefined ? [] : [`${name}: ${remedy}`]));
  return [rows.toString(), ok ? pc.green('All is well.') : `What to do:\n  ${remedies.join('\n  ')}`].join('\n');
};
