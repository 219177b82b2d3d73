import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultInjection } from '#local/faults.ts';
import { textOf } from '#local/inside.ts';
import { createLambda, type LambdaOptions } from '#local/lambda/index.ts';
import type { Asset, Host, Properties, Room } from '#local/resources.ts';
import type { Principal } from '#local/service.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

/** What a role needs for its function's logs. */
export const LOG_GRANTS = { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' };

export interface Answer {
  readonly status: number;
  /** Parsed. */
  readonly payload: unknown;
  readonly functionError: string | undefined;
  readonly errorType: string | undefined;
}

/** A Lambda room, with other rooms beside it, and functions made of a few lines of code. */
export interface LambdaRooms extends Rooms {
  /** Deploys a function whose module is the code; its role has the statements. @returns its name. */
  define(name: string, code: string, properties?: Properties, statements?: readonly object[]): Promise<string>;
  /** Invokes as the developer, unless told otherwise. */
  invoke(name: string, payload?: unknown, options?: { type?: string; as?: Principal }): Promise<Answer>;
  /** All that the function has logged today. */
  logOf(name: string): string;
}

export const openLambda = async (
  options: LambdaOptions = {},
  more: (host: Host) => readonly Room[] = () => [],
  directory?: string,
  faults?: FaultInjection,
): Promise<LambdaRooms> => {
  const assets: Record<string, Asset> = {};
  const rooms = await openRooms((host) => [createLambda(host, options), ...more(host)], {
    assets,
    ...(directory === undefined ? {} : { directory }),
    ...(faults === undefined ? {} : { faults }),
  });
  return {
    ...rooms,
    async define(name, code, properties = {}, statements = [LOG_GRANTS]) {
      const path = join(rooms.directory, 'code', name);
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 'index.cjs'), code);
      assets[`code/${name}`] = { path, packaging: 'zip', hash: name };
      rooms.clientOf(`${name}-role`, statements);
      const { physicalId } = await rooms.deploy(
        'AWS::Lambda::Function',
        {
          FunctionName: name,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: `arn:aws:iam::${rooms.host.accountId}:role/${name}-role`,
          Code: { S3Bucket: 'code', S3Key: name },
          ...properties,
        },
        name,
      );
      return physicalId;
    },
    async invoke(name, payload = {}, { type = 'RequestResponse', as = rooms.host.developer } = {}) {
      const answer = await rooms.host.call(as, 'lambda', {
        path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
        headers: { 'x-amz-invocation-type': type },
        body: JSON.stringify(payload),
      });
      const text = await textOf(answer);
      return {
        status: answer.status,
        payload: text === '' ? undefined : JSON.parse(text),
        functionError: answer.headers?.['x-amz-function-error'],
        errorType: answer.headers?.['x-amzn-errortype'],
      };
    },
    logOf(name) {
      const folder = join(rooms.directory, 'lambda', 'logs', name);
      const files = existsSync(folder) ? readdirSync(folder) : [];
      return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('');
    },
  };
};

/** Waits until a condition holds; fails after a few seconds. */
export const until = async (holds: () => boolean | Promise<boolean>, seconds = 8): Promise<void> => {
  const deadlineMs = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** Whether a process is there. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
