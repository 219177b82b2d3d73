import type { FileRecord } from '#domain/file-record.ts';
import { NameSchema } from '#domain/names.ts';
import { holdsPersonalName } from '#domain/personal-names.ts';
import type { ArrivedObject } from './notification.ts';

/** What a file is for, by its key; or why that cannot be told. */
export type Place =
  | { readonly ok: true; readonly purpose: FileRecord['purpose']; readonly eventType: string }
  | {
      readonly ok: false;
      readonly reason: 'malformed_key' | 'personal_key' | 'unknown_place';
      readonly problem: string;
    };

/** Stands in records for a key that must not settle there. */
export const HIDDEN_KEY = '?';

const NAME_REMEDY =
  'names of files stay in the clear, and this one holds an e-mail address or a card number; delete it and give another name';
const REMEDY = 'drop files under events/<event type>/ or feedback/<event type>/';

/** Reads `events/<eventType>/…` and `feedback/<eventType>/…`. */
export const placeOf = ({ key, malformedKey }: ArrivedObject): Place => {
  if (holdsPersonalName(key)) return { ok: false, reason: 'personal_key', problem: NAME_REMEDY };
  if (malformedKey)
    return { ok: false, reason: 'malformed_key', problem: `the object's key cannot be read; ${REMEDY}` };
  const [folder, eventType, ...rest] = key.split('/');
  const named = NameSchema.safeParse(eventType).success && rest.join('/') !== '';
  if ((folder !== 'events' && folder !== 'feedback') || !named) {
    return { ok: false, reason: 'unknown_place', problem: REMEDY };
  }
  return { ok: true, purpose: folder, eventType: eventType! };
};
