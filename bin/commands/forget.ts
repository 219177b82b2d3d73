import { resolve } from 'node:path';

import { Command, Option } from 'commander';

import { deadlineIn } from '#runtime/deadline.ts';
import { forgetPerson } from '../../functions/privacy/forget-person.ts';
import { connectPeople } from '../system/people.ts';
import { deployedSystem, localSystem } from '../system/system.ts';

interface Flags {
  readonly entity: string;
  readonly id: string;
  readonly by: string;
  readonly stage?: string;
  readonly dataDir: string;
}

const LONGEST_MS = 30_000;

/** What erasing a key does not reach. */
const REMAINS = [
  'tokens in events, decisions, history and lists: keyed hashes, without an original anywhere',
  'raw files in the inbox, until the day that the stage states (inboxDays)',
  "the key in the people table's own backup, for 7 days: after a restore, forget again whom CloudTrail says was erased",
];

/** `forget`: erases a person's key, and with it every original that was sealed for that person. */
export const forgetCommand = (): Command =>
  new Command('forget')
    .description("erase a person's key: what was sealed for them can be opened nowhere and never again; tokens stay")
    .requiredOption('--entity <kind>', 'kind of entity, such as person (required)')
    .requiredOption('--id <id>', 'original id (required)')
    .requiredOption('--by <who>', 'for the record: the ticket, or who answers for it (required)')
    .option('--stage <name>', "a stage deployed to AWS, found with your own credentials (default: this machine's)")
    .addOption(new Option('--data-dir <folder>', 'state of the system on this machine').default('.assay'))
    .action(async ({ entity: kind, id, by, stage, dataDir }: Flags) => {
      const people = connectPeople(stage ? await deployedSystem(stage) : localSystem(resolve(dataDir)));
      try {
        const erasures = await forgetPerson({ kind, id, by }, deadlineIn(LONGEST_MS), people);
        console.log(JSON.stringify({ erasures, remains: REMAINS }, null, 2));
      } finally {
        people.close();
      }
    });
