import { Command } from 'commander';

import { changeInWords, inlineOrUploaded, putByApi } from '../administration/change.ts';
import { readListFile } from '../administration/list-file.ts';
import { onSystem, type TargetFlags, withClient } from '../system/target.ts';
import { readable } from './drop.ts';

interface Flags extends TargetFlags {
  readonly file: string;
  readonly of?: string;
  readonly plain?: boolean;
  readonly description?: string;
  readonly until?: string;
  readonly ifMatch?: string;
}

/** `list put|append|remove`: changes what rules look up as `@name`, without a deployment. */
export const listCommand = (): Command =>
  new Command('list')
    .description('change a list of a running or deployed system; rules see it within ten seconds')
    .addCommand(
      changing('put', 'replace all values of a list, or make the list')
        .option('--of <kind>', 'entity kind or type of personal variable that the values are of (default: as before)')
        .option('--plain', 'the values are plain text, whatever they were before')
        .option('--description <text>', 'what the list is for')
        .action(act('replace')),
    )
    .addCommand(changing('append', 'add values; one that is there already gets the new end').action(act('append')))
    .addCommand(changing('remove', 'take values away').action(act('remove')));

const changing = (name: string, description: string): Command =>
  onSystem(new Command(name))
    .description(description)
    .argument('<name>', 'name of the list')
    .requiredOption('--file <path>', 'one value a line; or .json: an array, as the API takes it (required)')
    .option('--until <instant>', 'until when the values count, such as 2026-12-31T00:00:00Z')
    .option('--if-match <etag>', 'refuse when the list has changed since this state');

const act =
  (operation: 'replace' | 'append' | 'remove') =>
  async (name: string, flags: Flags): Promise<void> => {
    const { of, plain, description, until, ifMatch, json } = flags;
    if (of !== undefined && plain) throw new Error('--of and --plain exclude each other; give one of them');
    const values = readListFile(readable(flags.file), operation === 'remove' ? undefined : until);
    await withClient(flags, async (client) => {
      const bytes = Buffer.from(JSON.stringify(values));
      const given = await inlineOrUploaded(client, { values }, { bytes, name: 'list.json' });
      const asked = operation === 'replace' && { description, ...(plain ? { of: null } : { of }) };
      const path = `lists/${encodeURIComponent(name)}`;
      const change = await putByApi(client, path, { operation, ...asked, ...given }, ifMatch);
      console.log(json ? JSON.stringify(change, undefined, 2) : changeInWords(change));
    });
  };
