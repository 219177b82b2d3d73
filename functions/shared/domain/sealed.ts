import * as z from 'zod';

import type { Degradation } from './decision.ts';

/** Originals of one person in one event, sealed under that person's key; see `seal`. */
const SealedBoxSchema = z.strictObject({
  /** Kind and token: see `personOf`. */
  person: z.string().min(1).max(128),
  box: z.base64url().min(1),
});

/** What was personal in an event, as it rides with it: one box for each person. No part of the event's content. */
export const SealedSchema = z.array(SealedBoxSchema).min(1);
export type Sealed = z.infer<typeof SealedSchema>;

/** Why originals of an event are not kept: nobody will ever see them. */
export const UnsealedSchema = z.enum(['timeout', 'unavailable', 'too_large']);
export type Unsealed = z.infer<typeof UnsealedSchema>;

/** How the originals of an event fared; neither where it had none, both where one person's were lost. */
export interface Sealing {
  readonly sealed?: Sealed | undefined;
  readonly unsealed?: Unsealed | undefined;
}

/** The members of a message that carry a {@link Sealing}; absent ones are left out. */
export const SealingFields = { sealed: SealedSchema.optional(), unsealed: UnsealedSchema.optional() };

/** The sealing alone of something that carries more. */
export const sealingOf = ({ sealed, unsealed }: Sealing): Sealing => ({
  ...(sealed && { sealed }),
  ...(unsealed && { unsealed }),
});

/** What a decision says when originals of its event were lost. @param spentMs - waiting for keys. */
export const degradedBy = ({ unsealed }: Sealing, spentMs = 0): readonly Degradation[] =>
  unsealed ? [{ what: 'originals', why: unsealed, spentMs }] : [];
