import { Command, Option } from 'commander';

import { deadlineIn } from '#runtime/deadline.ts';
import { revealOriginals } from '../../functions/privacy/reveal-originals.ts';
import { connectPeople } from '../system/people.ts';
import { withSystem } from '../system/target.ts';

interface Flags {
  readonly eventType: string;
  readonly eventId: string;
  readonly stage?: string;
  readonly dataDir: string;
}

const LONGEST_MS = 30_000;

/** `reveal`: shows an administrator what was personal in an event. */
export const revealCommand = (): Command =>
  new Command('reveal')
    .description(
      'show what is personal in an event, with your own right to have KMS decrypt; CloudTrail notes each use',
    )
    .requiredOption('--event-type <name>', 'event type (required)')
    .requiredOption('--event-id <id>', 'id of the event (required)')
    .option('--stage <name>', "a stage deployed to AWS, found with your own credentials (default: this machine's)")
    .addOption(new Option('--data-dir <folder>', 'state of the system on this machine').default('.assay'))
    .action(reveal);

const reveal = ({ eventType, eventId, ...target }: Flags): Promise<void> =>
  withSystem(target, async (system) => {
    const people = connectPeople(system);
    try {
      const revealed = await revealOriginals({ eventType, eventId }, deadlineIn(LONGEST_MS), people);
      console.log(JSON.stringify(revealed, null, 2));
    } finally {
      people.close();
    }
  });
