// Runs commands of the command line one after the other in one process, each as `[name, ...arguments]` of the JSON on
// the input, and prints as JSON what each threw. A process of its own, since inside jest an error of Node's is no Error.
import { text } from 'node:stream/consumers';

import { Command } from 'commander';

import { auditCommand } from '../../bin/commands/audit.ts';
import { dropCommand } from '../../bin/commands/drop.ts';
import { exportCommand } from '../../bin/commands/export.ts';
import { forgetCommand } from '../../bin/commands/forget.ts';
import { listCommand } from '../../bin/commands/list.ts';
import { redriveCommand } from '../../bin/commands/redrive.ts';
import { revealCommand } from '../../bin/commands/reveal.ts';

const FACTORIES = [auditCommand, dropCommand, exportCommand, forgetCommand, listCommand, redriveCommand, revealCommand];

const messages: string[] = [];
for (const args of JSON.parse(await text(process.stdin)) as readonly string[][]) {
  const program = new Command();
  for (const factory of FACTORIES) program.addCommand(factory());
  await program.parseAsync(args, { from: 'user' }).then(
    () => messages.push(''),
    (error: Error) => messages.push(error.message),
  );
}
console.log(JSON.stringify(messages));
