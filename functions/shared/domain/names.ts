import * as z from 'zod';

/** A record with such a key would reach the prototype of plain objects. */
const isOrdinary = (name: string): boolean => !['__proto__', 'constructor', 'prototype'].includes(name);

/** Name of an event type, detector, list, model, member, rule or outcome: Amazon Fraud Detector's alphabet. */
export const NameSchema = z
  .string()
  .regex(/^[0-9a-z_-]{1,64}$/, 'use 1 to 64 of the characters a-z, 0-9, _ and -')
  .refine(isOrdinary, 'use another name');

/** Name of a variable, a feature, an entity role or an entity kind: what may follow a `$` in a rule. */
export const VariableNameSchema = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,63}$/, 'start with a-z or _, then up to 63 of a-z, 0-9 and _')
  .refine(isOrdinary, 'use another name');

/** Id of an event: chosen by the caller, unique within its event type for as long as events are retained. */
export const EventIdSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'use 1 to 128 visible ASCII characters without spaces');

/** Number of a version of a catalog document: 1, 2, 3, … */
export const VersionSchema = z.int().min(1).max(999_999);
