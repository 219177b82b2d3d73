import { join } from 'node:path';
import { AwsError } from '../errors.ts';
import type { Host } from '../resources.ts';
import type { FunctionDefinition } from './definition.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { type LogFile, openLogFile } from './logs.ts';

/** The logs of all functions, one folder each. */
export interface LogShelf {
  /** The log of a function; undefined if its role may not write it, of which the developer is told. */
  logOf(deployed: DeployedFunction): LogFile | undefined;
}

export const createLogShelf = (
  host: Pick<Host, 'region' | 'accountId' | 'authorise' | 'notice' | 'onLog'>,
  directory: string,
): LogShelf => {
  const files = new Map<string, LogFile>();
  const granted = new WeakMap<FunctionDefinition, boolean>();

  const isGranted = ({ definition, session }: DeployedFunction): boolean => {
    const { name, logGroup, traced } = definition;
    const stream = `arn:aws:logs:${host.region}:${host.accountId}:log-group:${logGroup}:log-stream:${name}`;
    const may = (what: string, needs: readonly [string, string][]): boolean => {
      try {
        host.authorise(
          session.principal,
          needs.map(([action, resource]) => ({ action, resource })),
        );
        return true;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        host.notice(`${name} ${what}, as on AWS: ${error.message}`);
        return false;
      }
    };
    if (traced) {
      may('sends no traces', [
        ['xray:PutTraceSegments', '*'],
        ['xray:PutTelemetryRecords', '*'],
      ]);
    }
    return may('writes no log', [
      ['logs:CreateLogStream', stream],
      ['logs:PutLogEvents', stream],
    ]);
  };

  const told = (functionName: string, file: LogFile): LogFile => ({
    write(text) {
      file.write(text);
      host.onLog(functionName, text);
    },
  });

  return {
    logOf(deployed) {
      const { definition } = deployed;
      const allowed = granted.get(definition) ?? isGranted(deployed);
      granted.set(definition, allowed);
      if (!allowed) return undefined;
      const file = files.get(definition.name) ?? told(definition.name, openLogFile(join(directory, definition.name)));
      files.set(definition.name, file);
      return file;
    },
  };
};
