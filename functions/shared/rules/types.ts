/** The types an expression can have. A datetime is an instant: it is not a number, though it travels as one. */
export const RULE_TYPES = ['number', 'string', 'boolean', 'datetime'] as const;
export type RuleType = (typeof RULE_TYPES)[number];

/** A value as it travels: datetimes as epoch milliseconds, null where there is no value. */
export type RuleValue = number | string | boolean | null;

/** Why an expression has no value. The list is closed; docs/rule-language.md explains each. */
export const RULE_FAULTS = [
  'missing_value',
  'division_by_zero',
  'not_finite',
  'type_mismatch',
  'list_unavailable',
  'evaluation_failed',
] as const;
export type RuleFault = (typeof RULE_FAULTS)[number];

/** A name that expressions may use after `$`. */
export interface RuleVariable {
  readonly type: RuleType;
  /** What an expression sees when the value is missing; null and absent mean no default. */
  readonly default?: RuleValue;
  /**
   * The string is a keyed hash in place of an entity id or a personal value. It may be compared with other such
   * strings and with null, and looked up in lists; an expression that reads its text is refused.
   */
  readonly token?: boolean;
}

/** All that expressions may name: variables after `$`, lists after `@`, both without their sign. */
export interface RuleScope {
  readonly variables: ReadonlyMap<string, RuleVariable>;
  readonly lists: ReadonlySet<string>;
}

/** What one evaluation may ask about its event. Every answer must stay the same during the evaluation. */
export interface RuleContext {
  /** Value of a variable of the scope; undefined or null where the event has none. */
  value(name: string): RuleValue | undefined;
  /**
   * Whether a list holds a value.
   *
   * @param list - name without `@`.
   * @param value - never null.
   * @param variable - name of the variable on the left of `in`, without `$`; undefined for anything but a plain
   *   variable. Lists of entity ids and personal values are tokenised differently, which the name tells.
   * @returns undefined when the list could not be read; the evaluation then has the fault `list_unavailable`.
   */
  inList(list: string, value: RuleValue, variable: string | undefined): boolean | undefined;
  /** The decision's clock, in epoch milliseconds. */
  readonly nowMs: number;
  /**
   * How a variable's value is shown in the record, such as a mask for what a person must not read there.
   * Absent: as a literal of the language, text cut after 64 characters.
   */
  show?(name: string, value: RuleValue): string;
}
