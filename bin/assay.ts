import { Command } from 'commander';

import { auditCommand } from './commands/audit.ts';
import { calibrateCommand } from './commands/calibrate.ts';
import { catalogCommand } from './commands/catalog.ts';
import { costCommand } from './commands/cost.ts';
import { detectorCommand } from './commands/detector.ts';
import { dropCommand } from './commands/drop.ts';
import { eventsCommand } from './commands/events.ts';
import { exportCommand } from './commands/export.ts';
import { forgetCommand } from './commands/forget.ts';
import { listCommand } from './commands/list.ts';
import { openApiCommand } from './commands/openapi.ts';
import { redriveCommand } from './commands/redrive.ts';
import { replayCommand } from './commands/replay.ts';
import { restoreCommand } from './commands/restore.ts';
import { revealCommand } from './commands/reveal.ts';
import { scoreCommand } from './commands/score.ts';
import { simulateCommand } from './commands/simulate.ts';
import { smokeCommand } from './commands/smoke.ts';
import { upCommand } from './commands/up.ts';
import { upgradeCommand } from './commands/upgrade.ts';

const assay = new Command('assay')
  .description('Scores business events for risk in real time, asks a person when unsure, and learns from what is true.')
  .version('0.1.0')
  // An option behind a command is that command's: `--version 2` of `detector activate` is not the program's own.
  .enablePositionalOptions()
  .showHelpAfterError('(add --help for what there is)')
  .addCommand(upCommand())
  .addCommand(dropCommand())
  .addCommand(simulateCommand())
  .addCommand(scoreCommand())
  .addCommand(calibrateCommand())
  .addCommand(replayCommand())
  .addCommand(catalogCommand())
  .addCommand(listCommand())
  .addCommand(detectorCommand())
  .addCommand(auditCommand())
  .addCommand(eventsCommand())
  .addCommand(exportCommand())
  .addCommand(revealCommand())
  .addCommand(forgetCommand())
  .addCommand(smokeCommand())
  .addCommand(redriveCommand())
  .addCommand(restoreCommand())
  .addCommand(openApiCommand())
  .addCommand(costCommand())
  .addCommand(upgradeCommand());

try {
  await assay.parseAsync();
} catch (error) {
  // Everything expected is an Error whose message says what to do; the stack is for those who ask for it.
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  if (process.env.ASSAY_DEBUG) console.error(error);
  process.exitCode = 1;
}
