import type { EventType } from './catalog/event-type.ts';
import type { Event, VariableValue } from './event.ts';
import { peopleOf, personOf, personRoleOf } from './people.ts';
import { boxLengthOf, type KeyPair, unseal } from './seal.ts';
import type { Sealed } from './sealed.ts';

/** What is personal of one person in one event, as it is sealed. */
export interface PersonalValues {
  /** Id by role. */
  readonly entities?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, VariableValue>>;
}

/** Most bytes that the boxes of an event may take in its message; more is not kept. */
export const MAX_SEALED_BYTES = 32_768;
/** Of `,"unsealed":"too_large"`, and no less than what any other reason takes with the boxes left out. */
const UNSEALED_BYTES = 27;

/**
 * What is personal in an event, between the door and the seal. It shows nothing of itself to logs, `JSON.stringify` or
 * the console: what it holds comes out through {@link Originals.seal} alone.
 */
export class Originals {
  /** Text to seal by person. */
  readonly #texts: ReadonlyMap<string, string>;
  readonly #place: string;
  /** Bytes that the sealing adds to the event's message at most: a function of what was sent alone. */
  readonly messageBytes: number;
  /** Too large to be kept. */
  readonly tooLarge: boolean;

  constructor(byPerson: ReadonlyMap<string, PersonalValues>, { eventType, eventId }: EventName) {
    this.#texts = new Map([...byPerson].map(([person, values]) => [person, JSON.stringify(values)]));
    this.#place = placeOf({ eventType, eventId });
    const bytes = sealedBytesOf(this.#texts);
    this.tooLarge = bytes > MAX_SEALED_BYTES;
    this.messageBytes = this.tooLarge ? UNSEALED_BYTES : bytes;
  }

  /** Everyone whose originals these are: see `personOf`. */
  get people(): readonly string[] {
    return [...this.#texts.keys()];
  }

  /** Seals what is each person's. @param sealFor - gives undefined where a person's key is not at hand. */
  seal(sealFor: (person: string, text: string, place: string) => string | undefined): Sealed {
    return [...this.#texts].flatMap(([person, text]) => {
      const box = sealFor(person, text, this.#place);
      return box === undefined ? [] : [{ person, box }];
    });
  }

  toJSON(): undefined {
    return undefined;
  }
}

type EventName = Pick<Event, 'eventType' | 'eventId'>;

/** Where the boxes of an event belong. */
const placeOf = ({ eventType, eventId }: EventName): string => `${eventType}\0${eventId}`;

/**
 * Opens one person's box of an event.
 *
 * @throws {UnsealError} if it was changed, is another person's or another event's.
 */
export const openOriginals = ({ person, box }: Sealed[number], pair: KeyPair, event: EventName): PersonalValues =>
  JSON.parse(unseal(box, person, pair, placeOf(event))) as PersonalValues;

const sealedBytesOf = (texts: ReadonlyMap<string, string>): number => {
  const boxes = [...texts].reduce((sum, [, text]) => sum + boxLengthOf(text), 0);
  return (
    Buffer.byteLength(`,"sealed":${JSON.stringify([...texts.keys()].map((person) => ({ person, box: '' })))}`) + boxes
  );
};

/**
 * Gathers what is to be sealed of an event: ids of people, and personal variables with the person they belong to.
 *
 * @param content - the event with originals.
 * @param event - the same with tokens.
 * @returns undefined where nothing is.
 */
export const originalsOf = (content: Event, event: Event, eventType: EventType): Originals | undefined => {
  const byPerson = new Map<string, { entities?: Record<string, string>; variables?: Record<string, VariableValue> }>();
  const of = (role: string) => {
    const person = personOf(eventType.entities[role]!, event.entities[role]!);
    const values = byPerson.get(person) ?? {};
    byPerson.set(person, values);
    return values;
  };
  for (const role of peopleOf(eventType)) {
    const values = of(role);
    values.entities = { ...values.entities, [role]: content.entities[role]! };
  }
  for (const [name, value] of Object.entries(content.variables)) {
    const role = personRoleOf(eventType.variables[name]!, eventType);
    if (role === undefined || event.entities[role] === undefined) continue;
    const values = of(role);
    values.variables = { ...values.variables, [name]: value };
  }
  return byPerson.size === 0 ? undefined : new Originals(byPerson, event);
};
