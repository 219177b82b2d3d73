import { holdsCardNumber } from '#domain/card-numbers.ts';
import type { List } from '#domain/catalog/documents.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import { textOf } from '#domain/catalog/list-object.ts';
import type { Report } from './report.ts';

/** Checks a list: its tokens are of something that events have, and it holds no card numbers. */
export const checkList = (list: List, eventTypes: Iterable<EventType>, report: Report): void => {
  checkListHead(list, eventTypes, report);
  checkListValues(list.values, report);
};

/** Checks that the tokens of a list are of something that events have. */
export const checkListHead = ({ of }: Pick<List, 'of'>, eventTypes: Iterable<EventType>, report: Report): void => {
  const domains = new Set([...eventTypes].flatMap(tokenDomains));
  if (of !== undefined && !domains.has(of)) {
    const known = [...domains].join(', ');
    report(
      ['of'],
      `no event type has entities or personal variables of '${of}'`,
      known ? `use one of ${known}` : "remove 'of'",
    );
  }
};

/** Checks that no value of a list is a card number. */
export const checkListValues = (values: List['values'], report: Report): void => {
  for (const [index, value] of values.entries()) {
    if (holdsCardNumber(textOf(value))) {
      report(['values', index], 'this looks like a card number', 'list an id of your own in its place');
    }
  }
};

/** Everything whose tokens a list may hold: kinds of entities, and types of personal variables. */
const tokenDomains = ({ entities, variables }: EventType): readonly string[] => [
  ...Object.values(entities),
  ...Object.values(variables)
    .filter(({ personal }) => personal)
    .map(({ type }) => type),
];
