import { resolve } from 'node:path';

import { type Command, Option } from 'commander';

import { AssayClient } from './client.ts';
import { deployedSystem, localSystem, nothingRunsOn, type System } from './system.ts';

/** The options of a command that works on a running or deployed system. */
export interface TargetFlags {
  readonly stage?: string;
  readonly dataDir: string;
  readonly json?: boolean;
}

/** Adds the options that name a system. */
export const onSystem = (command: Command): Command =>
  command
    .option('--stage <name>', "a stage deployed to AWS, found with your own credentials (default: this machine's)")
    .addOption(new Option('--data-dir <folder>', 'state of the system on this machine').default('.assay'))
    .option('--json', 'print what came of it as JSON');

/** Works on the system that the options name. @throws {Error} that says how to start one when there is none. */
export const withSystem = async <Result>(
  { stage, dataDir }: TargetFlags,
  work: (system: System) => Promise<Result>,
): Promise<Result> => {
  const system = stage ? await deployedSystem(stage) : localSystem(resolve(dataDir));
  try {
    return await work(system);
  } catch (error) {
    // The note of a system that was stopped stays behind.
    throw isGone(error) && !stage ? nothingRunsOn(resolve(dataDir), error) : error;
  }
};

/** Works with a client of the system that the options name. */
export const withClient = async <Result>(
  flags: TargetFlags,
  work: (client: AssayClient) => Promise<Result>,
): Promise<Result> =>
  withSystem(flags, async (system) => {
    const client = new AssayClient(system);
    try {
      return await work(client);
    } finally {
      client.close();
    }
  });

/** Whether nothing listens where a system should be. */
export const isGone = (error: unknown): boolean => {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if ('code' in each && each.code === 'ECONNREFUSED') return true;
  }
  return false;
};
