import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import { type Change, changeInWords, putByApi } from '../administration/change.ts';
import { onSystem, type TargetFlags, withClient } from '../system/target.ts';
import { readable } from './drop.ts';

interface Flags extends TargetFlags {
  readonly version?: string;
  readonly reference?: string;
  readonly off?: boolean;
  readonly ifMatch?: string;
}

/** `detector activate|standby|rules-only`: which version of a detector decides, and whether its models are asked. */
export const detectorCommand = (): Command =>
  new Command('detector')
    .description('choose what decides in a running or deployed system, within ten seconds')
    .addCommand(
      onNamed('activate', 'let a version decide')
        .requiredOption('--version <number>', 'the version (required)')
        .option('--reference <file>', "score reference that fits it, as 'assay calibrate' makes it")
        .action((name: string, flags: Flags) => put(name, 'activation', activation(flags), flags)),
    )
    .addCommand(
      onNamed('standby', 'let no version decide').action((name: string, flags: Flags) =>
        put(name, 'activation', { version: null }, flags),
      ),
    )
    .addCommand(
      onNamed('rules-only', 'the kill switch: leave the models out, rules alone decide')
        .option('--off', 'ask the models again')
        .action((name: string, flags: Flags) => put(name, 'switch', { rulesOnly: !flags.off }, flags)),
    );

const onNamed = (name: string, description: string): Command =>
  onSystem(new Command(name))
    .description(description)
    .argument('<name>', 'name of the detector')
    .option('--if-match <etag>', 'refuse when it has changed since this state');

const activation = ({ version, reference }: Flags): object => {
  const number = Number(version);
  if (!Number.isInteger(number) || number < 1) throw new Error('--version must be a whole number from 1');
  return { version: number, ...(reference !== undefined && { reference: jsonIn(reference) }) };
};

const jsonIn = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(readable(file), 'utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new Error(`'${file}' is no score reference; make one with 'assay calibrate'`, { cause });
  }
};

const put = async (name: string, what: 'activation' | 'switch', body: object, flags: Flags): Promise<void> => {
  const encoded = encodeURIComponent(name);
  const path = what === 'switch' ? `switches/${encoded}` : `catalog/detectors/${encoded}/activation`;
  const change: Change = await withClient(flags, (client) => putByApi(client, path, body, flags.ifMatch));
  console.log(flags.json ? JSON.stringify(change, undefined, 2) : changeInWords(change));
};
