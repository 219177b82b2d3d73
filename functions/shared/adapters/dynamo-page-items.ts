import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';

import type { VariableValue } from '#domain/event.ts';
import { type Int, parseInt10 } from '#features/history/state/integers.ts';
import {
  type Cell,
  type CellSet,
  isKept,
  type Page,
  type PageMove,
  type PagePlace,
  type Stamp,
} from '#features/history/state/types.ts';
import { type Item, keyOf, textOf } from './dynamo-decision-store-items.ts';

/** What every page has beside its cells, whose names end in digits. */
const OWN_NAMES: ReadonlySet<string> = new Set(['pk', 'sk', 'v', 'expiresAt']);
/** Digits of a time in base 36, so that sort keys stand in the order of time: enough until the year 5188. */
const TIME_DIGITS = 9;

/** Partition key of an entity's pages: a partition for each entity and profile, spread by the entity's token. */
export const pagesPk = ({ profile, entity }: Pick<PagePlace, 'profile' | 'entity'>): string => `${profile}#${entity}`;

/** Sort key of a page. @param startMs - its start in epoch milliseconds, 0 or later. */
export const pageSk = (startMs: number): string => timeText(startMs);

const timeText = (ms: number): string => ms.toString(36).padStart(TIME_DIGITS, '0');

/** Reads a page. */
export const pageOf = (item: Item): Page => {
  const pk = textOf(item, 'pk');
  const at = pk.indexOf('#');
  return {
    profile: pk.slice(0, at),
    entity: pk.slice(at + 1),
    startMs: Number.parseInt(textOf(item, 'sk'), 36),
    cells: cellsOf(item),
  };
};

const cellsOf = (item: Item): ReadonlyMap<string, Cell> => {
  const cells = new Map<string, Cell>();
  for (const [name, value] of Object.entries(item)) if (!OWN_NAMES.has(name)) cells.set(name, cellOf(value));
  return cells;
};

const cellOf = ({ N, S, BS }: AttributeValue): Cell => {
  if (N !== undefined) return parseInt10(N);
  return S === undefined ? new Set(BS?.map(([mark]) => mark!)) : stampOf(S);
};

/**
 * A stamp as text that sorts as stamps do: by time, then by event id. Ids have no space and nothing below it, so that
 * of two ids the one that begins the other stays in front.
 */
const stampText = ({ atMs, eventId, value }: Stamp): string => `${timeText(atMs)} ${eventId} ${JSON.stringify(value)}`;

const stampOf = (text: string): Stamp => {
  const idEnds = text.indexOf(' ', TIME_DIGITS + 1);
  return {
    atMs: Number.parseInt(text.slice(0, TIME_DIGITS), 36),
    eventId: text.slice(TIME_DIGITS + 1, idEnds),
    value: JSON.parse(text.slice(idEnds + 1)) as VariableValue,
  };
};

/** A mark is a byte: in a set of numbers it would take up to three, and all of them most of a page. */
const markByte = (mark: number): Uint8Array => Uint8Array.of(mark);

/** A value of a cell that is set, as it is stored. */
const setValue = (to: Int | Stamp): AttributeValue =>
  typeof to === 'object' ? { S: stampText(to) } : { N: String(to) };

/**
 * The update of a page by a move, which makes the page if there is none. Its conditions are that every cell to be set
 * is to be replaced still; failing them it brings the page as it is: see {@link stillToSet}.
 *
 * @param expiresAt - in seconds since the Unix epoch.
 */
export const pageUpdate = (tableName: string, move: PageMove, expiresAt: number): TransactWriteItem => {
  const values: Item = { ':v': { N: '1' }, ':expiresAt': { N: String(expiresAt) } };
  const named = (name: string, value: AttributeValue): string => {
    values[`:${name}`] = value;
    return `:${name}`;
  };
  const adds = [
    ...[...move.adds].map(([name, by]) => `${name} ${named(name, { N: String(by) })}`),
    ...[...move.marks].map(([name, marks]) => `${name} ${named(name, { BS: [...marks].map(markByte) })}`),
  ];
  const sets = [...move.sets].map(([name, { to }]) => `${name} = ${named(name, setValue(to))}`);
  const conditions = [...move.sets].map(
    ([name, { keeps }]) => `(attribute_not_exists(${name}) OR ${name} ${keeps === 'lower' ? '>' : '<'} :${name})`,
  );
  return {
    Update: {
      TableName: tableName,
      Key: keyOf(pagesPk(move), pageSk(move.startMs)),
      UpdateExpression: [
        `SET ${['v = :v', 'expiresAt = :expiresAt', ...sets].join(', ')}`,
        ...(adds.length > 0 ? [`ADD ${adds.join(', ')}`] : []),
      ].join(' '),
      ExpressionAttributeValues: values,
      ...(conditions.length > 0 && {
        ConditionExpression: conditions.join(' AND '),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      }),
    },
  };
};

/** A move without what the page has something better for by now. @param item - the page as it is. */
export const stillToSet = (move: PageMove, item: Item): PageMove => {
  const there = cellsOf(item);
  const isOpen = ([name, set]: readonly [string, CellSet]) => !isKept(there.get(name) as Int | Stamp | undefined, set);
  return { ...move, sets: new Map([...move.sets].filter(isOpen)) };
};

/**
 * When a page expires that is moved now, in seconds since the Unix epoch: as long from now as it is needed from its
 * start, so that a history that is loaded late is there for as long as one that was lived through.
 */
export const pageExpiry = ({ keepUntilMs, startMs }: PageMove, nowMs: number): number =>
  Math.ceil((nowMs + keepUntilMs - startMs) / 1_000);
