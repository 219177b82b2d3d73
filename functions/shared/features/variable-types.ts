import type { Variable } from '#domain/catalog/event-type.ts';
import type { RuleType } from '#rules/compile.ts';

/** Type in rules of each type of variable. */
export const RULE_TYPE: Readonly<Record<Variable['type'], RuleType>> = {
  string: 'string',
  category: 'string',
  email: 'string',
  ip: 'string',
  phone: 'string',
  card_bin: 'string',
  user_agent: 'string',
  text: 'string',
  number: 'number',
  integer: 'number',
  money: 'number',
  boolean: 'boolean',
  datetime: 'datetime',
};
