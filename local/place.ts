import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assembly } from './assembly/manifest.ts';
import { DeploymentError } from './errors.ts';
import { writeWhole } from './files.ts';

/** Where everything is: part of every ARN, and so of everything that is stored. */
export interface Place {
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
}

const DEFAULT_PLACE: Place = { region: 'us-east-1', accountId: '000000000000' };

/**
 * Decides region and account: what is asked for, what the assembly was synthesized for, what the directory was made
 * with, or a default, in this order. The directory keeps the answer.
 *
 * @throws {DeploymentError} if these differ.
 */
export const placeFor = (assembly: Assembly, directory: string, asked: Partial<Place>): Place => {
  const path = join(directory, 'place.json');
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Place) : undefined;
  const decide = (name: 'region' | 'accountId'): string => {
    const stated = assembly.stacks.map((stack) => stack[name]).find((value) => value !== undefined);
    const decided = asked[name] ?? stated ?? kept?.[name] ?? DEFAULT_PLACE[name];
    if (kept && kept[name] !== decided) {
      throw new DeploymentError(
        `${directory} was made for ${name} ${kept[name]}, not ${decided}; use another directory`,
      );
    }
    const other = assembly.stacks.find((stack) => stack[name] !== undefined && stack[name] !== decided);
    if (other) throw new DeploymentError(`stack ${other.name} is for ${name} ${other[name]}, not ${decided}`);
    return decided;
  };
  const place = { region: decide('region'), accountId: decide('accountId') };
  if (!/^\d{12}$/.test(place.accountId)) throw new DeploymentError('accountId must be twelve digits');
  if (!kept) writeWhole(path, `${JSON.stringify(place, null, 2)}\n`);
  return place;
};
