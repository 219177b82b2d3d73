import * as z from 'zod';

import { DetectorSchema } from '#domain/catalog/detector.ts';
import { ModelSchema } from '#domain/catalog/documents.ts';
import { EventTypeSchema } from '#domain/catalog/event-type.ts';
import { DecideAnswerSchema, PublicFeedbackSchema } from '#domain/decide-request.ts';

import { ExplanationSchema, PublicDecisionSchema } from '#domain/public-decision.ts';
import { FileViewSchema } from '#domain/public-file.ts';
import { ReferenceSchema } from '#model/reference.ts';
import { ChangedSchema } from '../../functions/administration/answers.ts';
import { ListRequestSchema } from '../../functions/administration/requests.ts';
import { ProblemSchema, RowProblemSchema } from './problems.ts';

/** Schemas that have a name of their own in the document and in clients. */
export const COMPONENTS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['Changed', ChangedSchema],
  ['DecideAnswer', DecideAnswerSchema],
  ['Decision', PublicDecisionSchema],
  ['Detector', DetectorSchema],
  ['EventType', EventTypeSchema],
  ['Explanation', ExplanationSchema],
  ['Feedback', PublicFeedbackSchema],
  ['File', FileViewSchema],
  ['ListRequest', ListRequestSchema],
  ['Model', ModelSchema],
  ['Problem', ProblemSchema],
  ['Reference', ReferenceSchema],
  ['RowProblem', RowProblemSchema],
]);

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const time = z.iso.datetime({ offset: true });

/** The forms that an event may be sent in. What the door itself checks depends on the event type. */
export const EventSchema = z.union([
  z.strictObject({
    eventId: z.string(),
    eventType: z.string().optional(),
    occurredAt: time,
    entities: z.record(z.string(), z.string()),
    variables: z.record(z.string(), value).optional(),
  }),
  z.strictObject({
    eventId: z.string(),
    eventTypeName: z.string().optional(),
    eventTimestamp: time,
    entities: z.array(z.strictObject({ entityType: z.string(), entityId: z.string() })),
    eventVariables: z.record(z.string(), z.string()),
  }),
  z.record(z.string(), z.unknown()),
]);
