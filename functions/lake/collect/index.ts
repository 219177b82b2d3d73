import { systemClock } from '#runtime/deadline.ts';
import { connectLake } from '../connect.ts';
import { LakeCollectEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = LakeCollectEnvironmentSchema.parse(process.env);

export const handler = createHandler({ lake: connectLake(environment.LAKE_BUCKET_NAME), clock: systemClock });
