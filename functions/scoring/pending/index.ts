import { connectDecisions } from '../connect.ts';
import { ScoringPendingEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

export const handler = createHandler({
  decisions: connectDecisions(ScoringPendingEnvironmentSchema.parse(process.env)),
});
