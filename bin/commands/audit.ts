import { Command } from 'commander';
import pc from 'picocolors';

import type { AuditChange, AuditEntry } from '#domain/audit.ts';
import { SystemAuditLog } from '../administration/audit-log.ts';
import { type Verification, verifyAudit } from '../administration/verify-audit.ts';
import { onSystem, type TargetFlags, withSystem } from '../system/target.ts';

interface Flags extends TargetFlags {
  readonly last: string;
}

/** `audit show|verify`: who changed what, and whether the log of it is whole. */
export const auditCommand = (): Command =>
  new Command('audit')
    .description('read and check the log of all administrative acts')
    .addCommand(
      onSystem(new Command('show'))
        .description('print the newest acts: when, who, what')
        .option('--last <number>', 'how many', '50')
        .action(show),
    )
    .addCommand(
      onSystem(new Command('verify'))
        .description('check that every entry is there, unchanged and in its place; names the first that is not')
        .action(verify),
    );

const show = async (flags: Flags): Promise<void> => {
  const count = Number(flags.last);
  if (!Number.isInteger(count) || count < 1) throw new Error('--last must be a whole number from 1');
  const entries = await withLog(flags, (log) => log.newest(count));
  console.log(flags.json ? JSON.stringify(entries, undefined, 2) : entries.map(entryInWords).join('\n'));
};

const verify = async (flags: TargetFlags): Promise<void> => {
  const verification = await withLog(flags, verifyAudit);
  console.log(flags.json ? JSON.stringify(verification, undefined, 2) : verificationInWords(verification));
  if (!verification.ok) process.exitCode = 1;
};

const withLog = <Result>(flags: TargetFlags, work: (log: SystemAuditLog) => Promise<Result>): Promise<Result> =>
  withSystem(flags, async (system) => {
    const log = new SystemAuditLog(system);
    try {
      return await work(log);
    } finally {
      log.close();
    }
  });

const entryInWords = ({ sequence, at, actor, act, outcome, reason, changes, furtherChanges }: AuditEntry): string => {
  const what = [...changes.map(changeInWords), ...(furtherChanges ? [`and ${furtherChanges} more`] : [])].join(', ');
  const refused = outcome === 'refused' ? pc.yellow(` refused: ${reason}`) : '';
  return `${String(sequence).padStart(6)}  ${at}  ${pc.bold(act)}${refused}  ${what}  ${pc.dim(actor.id)}`;
};

const changeInWords = ({ kind, name, before, after }: AuditChange): string =>
  `${kind} ${name} ${stateInWords(before)} → ${stateInWords(after)}`;

/** A switch has neither version nor hash: it is there while it is on. */
const stateInWords = (state: AuditChange['after']): string => {
  if (!state) return '–';
  const { version, hash = 'on', decides } = state;
  return `${version ?? hash.slice(0, 8)}${decides ? ' (decides)' : ''}`;
};

const verificationInWords = ({ ok, entries, waiting, broken }: Verification): string => {
  if (!ok)
    return pc.red(`the log is broken at entry ${broken?.sequence}: ${broken?.why}; ${entries} before it are sound`);
  const late = waiting > 0 ? `; ${waiting} wait in the registry to be delivered to the audit bucket` : '';
  return `${pc.green('The audit log is whole:')} ${entries} entries${late}`;
};
