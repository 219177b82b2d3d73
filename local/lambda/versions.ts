import { join } from 'node:path';
import * as z from 'zod';
import { openDatabase } from '../database.ts';
import { DeploymentError } from '../errors.ts';
import { checkProperties, parseProperties } from '../properties.ts';
import type { ResourceDeclaration, ResourceProvider } from '../resources.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { functionNameIn } from './names.ts';

/** Versions and aliases of functions, each a function of its own: `name:3`, `name:live`. */
export interface Versions {
  readonly resources: readonly ResourceProvider[];
  /** @param qualified - a name with a version or an alias behind it. */
  find(qualified: string): DeployedFunction | undefined;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS versions (
    function TEXT NOT NULL, declaration TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (function, declaration));
`;

const VersionSchema = z.object({ FunctionName: z.string(), Description: z.string().optional() });

const AliasSchema = z.object({
  FunctionName: z.string(),
  FunctionVersion: z.string().min(1),
  Name: z.string().regex(/^(?!\d+$)[A-Za-z0-9_-]{1,128}$/, 'use letters, digits, - and _, and not digits alone'),
  Description: z.string().optional(),
});

/**
 * Numbers of versions are durable: each declaration gets the next one of its function and keeps it.
 *
 * A version has the code and the settings that the template gives its function at this start. That is what AWS would
 * have kept, too, as long as a change of the function is a new version, which the CDK's `currentVersion` sees to.
 *
 * @param directory - where the numbers are kept.
 * @param latest - a function as the template has it.
 */
export const createVersions = (directory: string, latest: (name: string) => DeployedFunction | undefined): Versions => {
  const database = openDatabase(join(directory, 'versions.sqlite'), SCHEMA);
  const known = new Map<string, DeployedFunction>();

  const numberOf = (name: string, { stackName, logicalId }: ResourceDeclaration): string => {
    database
      .prepare(
        `INSERT OR IGNORE INTO versions
         SELECT ?1, ?2, coalesce(max(number), 0) + 1 FROM versions WHERE function = ?1`,
      )
      .run(name, `${stackName}/${logicalId}`);
    const row = database
      .prepare('SELECT number FROM versions WHERE function = ? AND declaration = ?')
      .get(name, `${stackName}/${logicalId}`);
    return String(row?.number);
  };

  /** @returns the ARN with the qualifier behind it. */
  const add = (deployed: DeployedFunction, qualifier: string, version: string): string => {
    const { name, arn } = deployed.definition;
    const qualified = `${arn}:${qualifier}`;
    known.set(`${name}:${qualifier}`, { ...deployed, definition: { ...deployed.definition, arn: qualified, version } });
    return qualified;
  };

  const functionOf = (identifier: string): DeployedFunction => {
    const deployed = latest(functionNameIn(identifier));
    if (!deployed) throw new DeploymentError(`FunctionName: there is no function ${identifier}`);
    return deployed;
  };

  const version: ResourceProvider = {
    type: 'AWS::Lambda::Version',
    deploy(resource) {
      checkProperties(resource, Object.keys(VersionSchema.shape));
      const deployed = functionOf(parseProperties(VersionSchema, resource).FunctionName);
      const Version = numberOf(deployed.definition.name, resource);
      const physicalId = add(deployed, Version, Version);
      return { physicalId, attributes: { Version, FunctionArn: physicalId } };
    },
    remove: ({ physicalId }) => void known.delete(functionNameIn(physicalId)),
  };

  const alias: ResourceProvider = {
    type: 'AWS::Lambda::Alias',
    deploy(resource) {
      checkProperties(resource, Object.keys(AliasSchema.shape));
      const { FunctionName, FunctionVersion, Name } = parseProperties(AliasSchema, resource);
      const deployed = functionOf(FunctionName);
      if (
        FunctionVersion !== deployed.definition.version &&
        !known.has(`${deployed.definition.name}:${FunctionVersion}`)
      ) {
        throw new DeploymentError(`FunctionVersion: ${FunctionName} has no version ${FunctionVersion}`);
      }
      const physicalId = add(deployed, Name, FunctionVersion);
      return { physicalId, attributes: { AliasArn: physicalId } };
    },
    remove: ({ physicalId }) => void known.delete(functionNameIn(physicalId)),
  };

  return { resources: [version, alias], find: (qualified) => known.get(qualified), close: () => database.close() };
};
