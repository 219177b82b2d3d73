import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TestSystem } from './system.ts';

/** A JSON line of a function's log. */
export interface LogLine {
  readonly service: string;
  readonly level?: string;
  readonly message?: string;
  readonly requestId?: string;
  readonly correlationId?: string;
  readonly [name: string]: unknown;
}

/** Every JSON line that the functions have written so far: of the logger, and metrics in CloudWatch's format. */
export const logLinesOf = ({ directory }: TestSystem): readonly LogLine[] =>
  globSync(join(directory, 'lambda', 'logs', '*', '*.log')).flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): LogLine => JSON.parse(line)),
  );
