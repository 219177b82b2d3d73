import * as z from 'zod';

import { EventIdSchema, NameSchema, VariableNameSchema } from './names.ts';

/** A variable's value after validation. Missing variables are absent, never null. Datetimes are ISO strings in UTC. */
export const VariableValueSchema = z.union([z.string().max(8_192), z.number(), z.boolean()]);
export type VariableValue = z.infer<typeof VariableValueSchema>;

/** A keyed hash in place of an entity id or a personal value: `t`, the key's version, `_`, 24 base64url characters. */
export const TokenSchema = z.string().regex(/^t[1-9][0-9]*_[A-Za-z0-9_-]{24}$/);

/**
 * An event as it travels inside Assay: validated against its event type and tokenised at the door.
 *
 * Entity ids and `personal` variables are tokens here (see {@link TokenSchema}); nothing behind the door ever
 * sees the original. `occurredAt` is UTC with milliseconds, so equal instants are equal strings.
 */
export const EventSchema = z.strictObject({
  eventId: EventIdSchema,
  eventType: NameSchema,
  occurredAt: z.iso.datetime({ precision: 3 }),
  /** Token of each entity by its role. */
  entities: z.record(VariableNameSchema, TokenSchema),
  variables: z.record(VariableNameSchema, VariableValueSchema),
});
export type Event = z.infer<typeof EventSchema>;

/** Where an event entered: a row of a file (or of a batch sent by API, a file of its own), or one API call. */
export const OriginSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), fileId: z.string(), row: z.int().min(1) }),
  z.strictObject({ kind: z.literal('api'), requestId: z.string() }),
]);
export type Origin = z.infer<typeof OriginSchema>;

/** An origin as one string: equal strings mean the very same delivery, so a repeat recognises its own commit. */
export const originKey = (origin: Origin): string =>
  origin.kind === 'file' ? `file/${origin.fileId}/${origin.row}` : `api/${origin.requestId}`;
