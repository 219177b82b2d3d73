import type { FileRecord } from '#domain/file-record.ts';
import { NameSchema } from '#domain/names.ts';
import type { ArrivedObject } from './notification.ts';

/** What a file is for, by its key; or why that cannot be told. */
export type Place =
  | { readonly ok: true; readonly purpose: FileRecord['purpose']; readonly eventType: string }
  | { readonly ok: false; readonly reason: 'malformed_key' | 'unknown_place'; readonly problem: string };

const REMEDY = 'drop files under events/<event type>/ or feedback/<event type>/';

/** Reads `events/<eventType>/…` and `feedback/<eventType>/…`. */
export const placeOf = ({ key, malformedKey }: ArrivedObject): Place => {
  if (malformedKey)
    return { ok: false, reason: 'malformed_key', problem: `the object's key cannot be read; ${REMEDY}` };
  const [folder, eventType, ...rest] = key.split('/');
  const named = NameSchema.safeParse(eventType).success && rest.join('/') !== '';
  if ((folder !== 'events' && folder !== 'feedback') || !named) {
    return { ok: false, reason: 'unknown_place', problem: REMEDY };
  }
  return { ok: true, purpose: folder, eventType: eventType! };
};
