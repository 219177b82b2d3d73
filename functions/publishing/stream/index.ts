import { connectPublishing } from '../connect.ts';
import { PublishingStreamEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

export const handler = createHandler(connectPublishing(PublishingStreamEnvironmentSchema.parse(process.env)));
