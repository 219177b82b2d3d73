import type { AttributeValue } from '@aws-sdk/client-dynamodb';

import { type Decision, DecisionSchema } from '#domain/decision.ts';
import { ServiceError } from '#domain/errors.ts';
import { packText, unpackText } from '#domain/packed-text.ts';
import type { EventCommit } from '#ports/decision-store.ts';

/** An item as DynamoDB's wire has it. */
export type Item = Record<string, AttributeValue>;

/** Name of the sort key of the event itself. */
export const EVENT_SK = 'EVENT';

/** How many roles of an event type decisions can be looked up by: one index each. */
export const INDEXED_ROLES = 4;

/** Largest item of DynamoDB is 400 KB, attribute names and index attributes included. */
const MAX_ITEM_BYTES = 390_000;

/** Partition key of an event and of all its decisions. */
export const eventPk = (eventType: string, eventId: string): string => `E#${eventType}#${eventId}`;

/** Sort key of a detector's decision. */
export const decisionSk = (detector: string): string => `D#${detector}`;

/** Partition key of the entity indexes. */
export const entityPk = (kind: string, token: string): string => `${kind}#${token}`;

/** The key of an item. */
export const keyOf = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });

/** The event as it is recorded once, whichever detectors judge it. */
export const eventItem = (commit: EventCommit, expiresAt: number): Item => ({
  ...keyOf(eventPk(commit.event.eventType, commit.event.eventId), EVENT_SK),
  v: { N: '1' },
  contentHash: { S: commit.contentHash },
  origin: { S: commit.origin },
  event: { S: JSON.stringify(commit.event) },
  ...(commit.sealed && { sealed: { S: JSON.stringify(commit.sealed) } }),
  ...(commit.profiles?.length && { profiles: { SS: [...commit.profiles] } }),
  expiresAt: { N: String(expiresAt) },
});

/**
 * A decision, with the attributes that its indexes need.
 *
 * @throws {ServiceError} `too_large` when no item can hold it.
 */
export const decisionItem = (decision: Decision, expiresAt: number): Item => ({
  ...bareDecisionItem(decision, decisionSk(decision.detector), expiresAt),
  ...indexAttributes(decision),
});

/** A decision kept beside the one on record: not indexed, since it never came into force. */
export const rivalItem = (decision: Decision, recordHash: string, expiresAt: number): Item =>
  bareDecisionItem(decision, `R#${decision.detector}#${recordHash}`, expiresAt);

const bareDecisionItem = (decision: Decision, sk: string, expiresAt: number): Item => {
  const record = JSON.stringify(decision);
  if (Buffer.byteLength(record) > MAX_ITEM_BYTES) {
    throw new ServiceError(
      'too_large',
      'the decision does not fit its record; give the detector fewer or shorter rules',
    );
  }
  return {
    ...keyOf(eventPk(decision.event.eventType, decision.event.eventId), sk),
    // Version 1 had the record's JSON as it is.
    v: { N: '2' },
    record: { S: packText(record) },
    expiresAt: { N: String(expiresAt) },
  };
};

const indexAttributes = ({ event, entityKinds, detector }: Decision): Item => {
  const entities = Object.entries(entityKinds)
    .slice(0, INDEXED_ROLES)
    .flatMap(([role, kind], index): [string, AttributeValue][] => {
      const token = event.entities[role];
      return token === undefined ? [] : [[`entity${index + 1}`, { S: entityPk(kind, token) }]];
    });
  const entitySk = [event.occurredAt, event.eventType, event.eventId, detector].join('#');
  return entities.length === 0 ? {} : { ...Object.fromEntries(entities), entitySk: { S: entitySk } };
};

/** A text attribute. @throws {Error} if the item has none: it is none of ours. */
export const textOf = (item: Item, name: string): string => {
  const value = item[name]?.S;
  if (value === undefined) throw new Error(`an item of the event table has no '${name}'`);
  return value;
};

/** Reads a decision's record. @throws {z.ZodError} if it is of no known version. */
export const decisionOf = (item: Item): Decision =>
  DecisionSchema.parse(JSON.parse(unpackText(textOf(item, 'record'))));
