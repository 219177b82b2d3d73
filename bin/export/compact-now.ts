import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';

import type { System } from '../system/system.ts';

/** What the compactor answers, as far as it matters here. */
const AnswerSchema = z.object({ rows: z.int(), waiting: z.int() });

/** Runs in a row that leave something waiting, before a person should look. */
const MOST_RUNS = 50;

/**
 * Has rows made of everything that has landed, however little it is.
 *
 * @returns the rows that were made.
 * @throws {Error} that says where to look when the compactor fails or does not come to an end.
 */
export const compactNow = async ({ lakeCompactor, region, endpoint, credentials }: System): Promise<number> => {
  const lambda = new LambdaClient({ region, ...(endpoint && { endpoint }), ...(credentials && { credentials }) });
  try {
    let made = 0;
    for (let run = 0; run < MOST_RUNS; run++) {
      const invoke = new InvokeCommand({ FunctionName: lakeCompactor, Payload: JSON.stringify({ now: true }) });
      const { FunctionError, Payload } = await lambda.send(invoke);
      if (FunctionError || !Payload) throw new Error('rows could not be made; look at the log of lake-compact');
      const { rows, waiting } = AnswerSchema.parse(JSON.parse(Payload.transformToString()));
      made += rows;
      if (waiting === 0) return made;
    }
    throw new Error('more lands than becomes rows; look at the log of lake-compact');
  } finally {
    lambda.destroy();
  }
};
