import type { Item } from '#local/dynamodb/values.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Findings } from './findings.ts';

/** What the pages of an account must come to. */
interface Total {
  deposits: number;
  cents: number;
}

const textOf = (item: Item, name: string): string => (item[name] as { readonly S: string }).S;

/** Pages count each deposit on record once, to the cent: read from outside, by sums alone. */
export const historyProblems = (cloud: Cloud, findings: Findings): void => {
  const sums = sumsOfPages(cloud);
  for (const [account, { deposits, cents }] of totalsOnRecord(cloud)) {
    const found = sums.get(account) ?? [];
    if (!found.includes(deposits)) findings.add('counters equal events', `${deposits} deposits, pages say [${found}]`);
    if (!found.includes(cents)) findings.add('counters equal events', `${cents} cents, pages say [${found}]`);
  }
};

const totalsOnRecord = (cloud: Cloud): ReadonlyMap<string, Total> => {
  const totals = new Map<string, Total>();
  for (const item of cloud.tableOf('EVENT_TABLE_NAME').all()) {
    if (!textOf(item, 'pk').startsWith('E#deposit#') || textOf(item, 'sk') !== 'EVENT') continue;
    const { entities, variables } = JSON.parse(textOf(item, 'event')) as {
      readonly entities: { readonly account: string };
      readonly variables: { readonly amount: number };
    };
    const total = totals.get(entities.account) ?? { deposits: 0, cents: 0 };
    totals.set(entities.account, total);
    total.deposits += 1;
    total.cents += Math.round(variables.amount * 100);
  }
  return totals;
};

/** Sums of each column over all pages of an account, of all profiles. */
const sumsOfPages = (cloud: Cloud): ReadonlyMap<string, readonly number[]> => {
  const sums = new Map<string, Map<string, number>>();
  for (const item of cloud.tableOf('PROFILE_TABLE_NAME').all()) {
    const [profile, entity = ''] = textOf(item, 'pk').split('#');
    const account = entity.replace(/^account:/, '');
    const ofAccount = sums.get(account) ?? new Map<string, number>();
    sums.set(account, ofAccount);
    for (const [name, value] of Object.entries(item)) {
      const [, column] = /^([a-z]+)\d+$/.exec(name) ?? [];
      if (column === undefined || !('N' in value)) continue;
      const key = `${profile} ${column}`;
      ofAccount.set(key, (ofAccount.get(key) ?? 0) + Number(value.N));
    }
  }
  return new Map([...sums].map(([account, columns]) => [account, [...columns.values()]]));
};
