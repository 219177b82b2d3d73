import { Command, Option } from 'commander';

import { deadlineIn } from '#runtime/deadline.ts';
import { forgetPerson } from '../../functions/privacy/forget-person.ts';
import { catalogOfSystem, entityKinds } from '../system/catalog.ts';
import { connectPeople } from '../system/people.ts';
import { withSystem } from '../system/target.ts';

interface Flags {
  readonly entity: string;
  readonly id: string;
  readonly by: string;
  readonly formerKind?: boolean;
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
    .option('--former-kind', 'take a kind that event types had once and have no more')
    .option('--stage <name>', "a stage deployed to AWS, found with your own credentials (default: this machine's)")
    .addOption(new Option('--data-dir <folder>', 'state of the system on this machine').default('.assay'))
    .action(forget);

const forget = ({ entity: kind, id, by, formerKind, ...target }: Flags): Promise<void> =>
  withSystem(target, async (system) => {
    const deadline = deadlineIn(LONGEST_MS);
    if (!formerKind) checkKind(kind, await catalogOfSystem(system, deadline));
    const people = connectPeople(system);
    try {
      const erasures = await forgetPerson({ kind, id, by }, deadline, people);
      console.log(JSON.stringify({ erasures, remains: REMAINS }, null, 2));
    } finally {
      people.close();
    }
  });

/**
 * A misspelt kind would be answered like a person of whom nothing was sealed, and nothing of theirs would be erased.
 *
 * @throws {Error} that names the kinds there are, and not what was given: it may be the id by mistake.
 */
export const checkKind = (kind: string, catalog: Parameters<typeof entityKinds>[0]): void => {
  const kinds = entityKinds(catalog);
  if (kinds.includes(kind)) return;
  throw new Error(
    `--entity is no kind that an event type has, so nothing was erased; there are: ${kinds.join(', ') || 'none'}. Add --former-kind if an event type had it once`,
  );
};
