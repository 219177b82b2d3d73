import type { RuleContext, RuleScope, RuleValue } from '#rules/compile.ts';

/** The names that tests use: two variables of each type, one of them with a default. */
export const scope: RuleScope = {
  variables: new Map([
    ['amount', { type: 'number' }],
    ['count', { type: 'number' }],
    ['fee', { type: 'number', default: 2 }],
    ['country', { type: 'string' }],
    ['currency', { type: 'string', default: 'EUR' }],
    ['is_new', { type: 'boolean' }],
    ['is_vip', { type: 'boolean', default: false }],
    ['seen_at', { type: 'datetime' }],
    ['born_at', { type: 'datetime', default: 0 }],
    ['email', { type: 'string', token: true }],
    ['customer', { type: 'string', token: true }],
  ]),
  lists: new Set(['blocked', 'high-risk_2']),
};

export type Values = Readonly<Record<string, RuleValue | undefined>>;

/** A context over plain values, whose lists hold what is given. */
export const contextOf = (values: Values, lists: Readonly<Record<string, readonly RuleValue[]>> = {}): RuleContext => ({
  value: (name) => values[name],
  inList: (list, value) => lists[list]?.includes(value),
  nowMs: Date.UTC(2026, 0, 31),
});
