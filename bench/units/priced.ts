import type { Used } from '../measured-system.ts';

/** Units by the names of the price list. */
export type Amounts = Readonly<Record<string, number>>;

/** Calls that are paid each, by action; what is not here is paid otherwise (DynamoDB by units) or not at all. */
const PAID_CALLS: readonly (readonly [action: RegExp, price: string])[] = [
  [/^sqs:/, 'sqs.request'],
  [/^s3:(Put|List|Create|Abort)/, 's3.write'],
  [/^s3:Get/, 's3.read'],
  [/^kms:/, 'kms.request'],
  [/^secretsmanager:/, 'secrets.request'],
];

/** What was used, as the price list names it. */
export const pricedOf = ({ calls, units, functions, logBytes, published }: Used): Amounts => {
  const amounts: Record<string, number> = {};
  const add = (name: string, amount: number): void => {
    if (amount > 0) amounts[name] = (amounts[name] ?? 0) + amount;
  };
  for (const [action, count] of Object.entries(calls)) {
    const price = PAID_CALLS.find(([pattern]) => pattern.test(action))?.[1];
    if (price) add(price, count);
  }
  for (const [name, count] of Object.entries(units)) {
    add(name.endsWith('.write') ? 'dynamodb.writeUnit' : 'dynamodb.readUnit', count);
  }
  for (const { invocations, gbSeconds } of Object.values(functions)) {
    add('lambda.request', invocations);
    add('lambda.gbSecond', gbSeconds);
  }
  add('logs.gb', logBytes / 1e9);
  add('events.event', published);
  return amounts;
};

/** Each amount divided by a number, rounded to six digits that mean something. */
export const per = (amounts: Amounts, count: number): Amounts =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, Number((amount / count).toPrecision(6))]));

/** One set of amounts without another, nothing below zero: what work adds to what runs anyhow. */
export const without = (amounts: Amounts, others: Amounts): Amounts =>
  Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, Math.max(0, amount - (others[name] ?? 0))]),
  );
