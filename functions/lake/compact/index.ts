import { systemClock } from '#runtime/deadline.ts';
import { connectLake } from '../connect.ts';
import { LakeCompactEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = LakeCompactEnvironmentSchema.parse(process.env);

export const handler = createHandler({
  lake: connectLake(environment.LAKE_BUCKET_NAME),
  clock: systemClock,
  waitMs: environment.LAKE_WAIT_MINUTES * 60_000,
});
