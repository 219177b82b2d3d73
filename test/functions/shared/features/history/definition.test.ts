import { describe, expect, test } from '@jest/globals';

import { loginType, paymentType, problemsWith, transferType, type Written } from './catalogs.ts';

const COUNT = { count: true, per: 'customer', window: '1d' };
const others = [loginType(), transferType()];
const problemsOf = (features: Written) => problemsWith(paymentType(features), others);

test('features that can be computed have no problems', () => {
  expect(
    problemsOf({
      count_1d: COUNT,
      pair: { ...COUNT, per: ['terminal', 'customer'] },
      logins: { ...COUNT, of: 'login', where: '!$succeeded and $occurred_at != null' },
      nights: { ...COUNT, where: 'hour_of_day($occurred_at, "Europe/Berlin") < 6' },
      spread: { stddev: 'fee', per: 'terminal', window: '90d', decimals: 3 },
      risk: { rate: 'fraud', per: 'terminal', window: '7d', delay: '7d', prior: 0.01, weight: 20 },
      networks: { distinct: 'network', per: 'customer', window: '7d' },
      network: { transform: 'ip_network', of: 'ip' },
      domain: { transform: 'email_domain', of: 'email' },
      last_country: { last: 'country', per: 'customer', window: '30d' },
      moved: { value: '$last_country != $country' },
      minute: { ...COUNT, window: '1m', current: 'included' },
      busy: { count: true, per: 'terminal', window: '1h', hot: 'stream' },
    }),
  ).toEqual([]);
});

describe('what cannot be computed is told with its place and a remedy', () => {
  test.each<[what: string, features: Written, problem: string | RegExp]>([
    [
      'nothing asked',
      { f: { per: 'customer' } },
      /^features\.f \| it does not say what it is \| give one of count, sum/,
    ],
    [
      'two at once',
      { f: { ...COUNT, sum: 'amount' } },
      'features.f | it is count and sum at once | make a feature of each',
    ],
    [
      'an option of another kind',
      { f: { ...COUNT, prior: 0.1 } },
      "features.f.prior | 'prior' means nothing with 'count' | known are per, of, roles, window, where, delay, hot, current, half_life",
    ],
    ['an option of a value', { f: { value: '$fee', window: '1d' } }, /features\.f\.window \| .* 'value' \| remove it/],
    ['no role', { f: { count: true, window: '1d' } }, /features\.f \| 'per' is missing \| name the role/],
    ['no window', { f: { count: true, per: 'customer' } }, /features\.f \| 'window' is missing \| .*'window: 1d'/],
    [
      'an unknown role',
      { f: { ...COUNT, per: 'card' } },
      "features.f.per | the event type has no role 'card' | use one of customer, terminal",
    ],
    [
      'one role twice',
      { f: { ...COUNT, per: ['customer', 'customer'] } },
      /features\.f\.per \| both are one and the same/,
    ],
    [
      'an unknown event type',
      { f: { ...COUNT, of: 'logn' } },
      "features.f.of | there is no event type 'logn' | did you mean 'login'?",
    ],
    [
      'a kind that the other type lacks',
      { f: { ...COUNT, per: 'terminal', of: 'login' } },
      "features.f.of | 'login' has no role of kind 'terminal', which 'terminal' is of | name an event type that shares the kind",
    ],
    [
      'a map of roles that are not asked',
      { f: { ...COUNT, roles: { terminal: 'terminal' } } },
      /roles\.terminal \| 'terminal' is not in 'per' \| name one of customer/,
    ],
    [
      'a map to another kind',
      { f: { ...COUNT, roles: { customer: 'terminal' } } },
      "features.f.roles.customer | 'terminal' of 'card_payment' is of kind 'terminal', and 'customer' of kind 'person' | use one of customer",
    ],
    [
      'a map to no role',
      { f: { ...COUNT, of: 'login', roles: { customer: 'card' } } },
      "features.f.roles.customer | 'login' has no role 'card' | use one of user",
    ],
    [
      'a short window',
      { f: { ...COUNT, window: '59s' } },
      'features.f.window | windows are from 1m to 90d long | choose one in between',
    ],
    ['a long window', { f: { ...COUNT, window: '91d' } }, /features\.f\.window \| windows are from 1m to 90d/],
    [
      'a window that has no whole slots',
      { f: { ...COUNT, window: '10081m' } },
      'features.f.window | a window as long is made of slots of 4h, and 10081m is no whole number of them | choose 7d or 172h',
    ],
    ['a long delay', { f: { ...COUNT, delay: '91d' } }, /features\.f\.delay \| delays are up to 90d/],
    [
      'a half-life that is too short',
      { f: { ...COUNT, window: '90d', half_life: '1d' } },
      /features\.f\.half_life \| the window is more than 32 half-lives/,
    ],
    [
      'an unknown variable',
      { f: { sum: 'amout', per: 'customer', window: '1d' } },
      "features.f.sum | 'card_payment' has no variable 'amout' | did you mean 'amount'?",
    ],
    [
      'a sum of text',
      { f: { sum: 'country', per: 'customer', window: '1d' } },
      "features.f.sum | 'country' is no number | name a number, or money",
    ],
    [
      'a sum of truth',
      { f: { mean: 'three_ds', per: 'customer', window: '1d' } },
      /features\.f\.mean \| .* \| count with a condition, as in 'where: \$three_ds'/,
    ],
    [
      'a sum of times',
      { f: { max: 'signed_up_at', per: 'customer', window: '1d' } },
      /features\.f\.max \| 'signed_up_at' is no number/,
    ],
    [
      'a sum of a personal variable',
      { f: { max: 'email', per: 'customer', window: '1d' } },
      /features\.f\.max \| 'email' is no number/,
    ],
    [
      'numbers too large to be added',
      { f: { sum: 'amount', decimals: 9, per: 'customer', window: '1d' } },
      /features\.f\.sum \| .* too large to be added up in 9 decimals \| lower 'decimals'/,
    ],
    [
      'a long last text',
      { f: { last: 'note', per: 'customer', window: '1d' } },
      "features.f.last | 'note' may have 1024 characters, and 48 can be kept | write 'maxLength: 48' or less in the variable",
    ],
    [
      'an unknown label',
      { f: { rate: 'frau', per: 'customer', window: '1d' } },
      "features.f.rate | 'card_payment' has no label 'frau' | did you mean 'fraud'?",
    ],
    [
      'a label of another type',
      { f: { rate: 'fraud', of: 'login', per: 'customer', window: '1d' } },
      "features.f.rate | 'login' has no label 'fraud' | use one of taken_over",
    ],
    [
      'a prior without a weight',
      { f: { rate: 'fraud', prior: 0.1, per: 'customer', window: '1d' } },
      /features\.f \| 'prior' and 'weight' mean nothing without each other/,
    ],
    [
      'itself in the past',
      { f: { ...COUNT, delay: '1d', current: 'included' } },
      "features.f.current | the window ends before the event | remove 'current'",
    ],
    [
      'itself among others',
      { f: { ...COUNT, of: 'login', current: 'included' } },
      /features\.f\.current \| the event is none of 'login'/,
    ],
    [
      'a condition with a list',
      { f: { ...COUNT, where: '$country in @risky' } },
      /features\.f\.where \| unknown list @risky \(column 13 of the condition\)/,
    ],
    [
      'a condition over another feature',
      { f: COUNT, g: { ...COUNT, where: '$f > 3' } },
      /features\.g\.where \| unknown variable \$f \(column 1/,
    ],
    [
      'a condition that is none',
      { f: { ...COUNT, where: '$fee' } },
      /features\.f\.where \| a rule must be true or false/,
    ],
    [
      'a condition over two lines',
      { f: { ...COUNT, where: '$fee > 1 and\n$fe < 2' } },
      /features\.f\.where \| unknown variable \$fe \(line 2, column 1 of the condition\) \| did you mean \$fee\?/,
    ],
    [
      'the text of a token',
      { f: { ...COUNT, where: 'lowercase($email) == "a"' } },
      /features\.f\.where \| text must be a string, but found a hashed value/,
    ],
    [
      'a value that cannot be read',
      { f: { value: '$fee +' } },
      /features\.f\.value \| .* \(column 7 of the expression\)/,
    ],
    [
      'a value of something unknown',
      { f: { value: '$few + 1' } },
      /features\.f\.value \| unknown variable \$few .* \| did you mean \$fee\?/,
    ],
    [
      'a value that is a time',
      { f: { value: '$signed_up_at' } },
      /features\.f\.value \| .* this is a datetime \| make a number of it/,
    ],
    [
      'a token under another name',
      { f: { value: '$email' } },
      'features.f.value | it is $email under another name | use $email itself',
    ],
    [
      'a value of itself',
      { f: { value: '$f + 1' } },
      'features.f.value | it is derived from itself: $f → $f | derive one of them from something else',
    ],
    [
      'a circle',
      { f: { value: '$g + 1' }, g: { value: '$h' }, h: { value: '$f' } },
      'features.f.value | it is derived from itself: $f → $g → $h → $f | derive one of them from something else',
    ],
    [
      'a transform of nothing',
      { f: { transform: 'ip_version' } },
      'features.f.of | this is missing | name the variable',
    ],
    [
      'a transform of another type',
      { f: { transform: 'ip_version', of: 'note' } },
      "features.f.of | 'note' is of type text, which this transform does not take | use one of ip",
    ],
    [
      'a transform of no variable',
      { f: { transform: 'phone_country', of: 'phone' } },
      "features.f.of | the event type has no variable 'phone' | declare a variable of type phone",
    ],
    [
      'a transform without its second',
      { f: { transform: 'email_name_likeness', of: 'email' } },
      'features.f.with | this is missing | name the variable',
    ],
    [
      'levels of no category',
      { f: { transform: 'ip_version', of: 'ip', levels: ['4'] } },
      "features.f.levels | ip_version takes no 'levels' | remove it",
    ],
    [
      'a second of none',
      { f: { transform: 'ip_version', of: 'ip', with: 'note' } },
      "features.f.with | ip_version takes no 'with' | remove it",
    ],
    [
      'a personal value told',
      { f: { transform: 'text_shape', of: 'full_name' } },
      "features.f.of | 'full_name' is personal, and text_shape would tell its value | use another transform",
    ],
    [
      'a personal category',
      { f: { transform: 'category', of: 'full_name' } },
      "features.f.of | 'full_name' is personal, and category would tell its value | name the values that may be told with 'levels'",
    ],
  ])('%s', (_, features, problem) => {
    const problems = problemsOf(features);

    expect(problems).toHaveLength(1);
    if (typeof problem === 'string') expect(problems).toEqual([problem]);
    else expect(problems[0]).toMatch(problem);
  });
});

test('one mistake is told once: what is derived from it keeps silent', () => {
  const problems = problemsOf({
    wrong: { ...COUNT, per: 'card' },
    from_it: { value: '$wrong / 2' },
    from_that: { value: 'ln($from_it)' },
  });

  expect(problems).toEqual([expect.stringMatching(/^features\.wrong\.per/)]);
});

describe('roles of a type with two of a kind', () => {
  const SENT = { count: true, per: 'payer', window: '1d' };

  test('are themselves in the history of their own type', () => {
    expect(problemsWith(transferType({ f: SENT }))).toEqual([]);
  });

  test('have to be told apart by others', () => {
    const owner = paymentType(
      { f: { count: true, per: 'account', of: 'transfer', window: '1d' } },
      { entities: { account: 'account' } },
    );

    expect(problemsWith(owner, [transferType()])).toEqual([
      "features.f.roles | 'transfer' has several roles of kind 'account' | say which, as in 'roles: { account: payer }'",
    ]);
  });

  test('may be asked for the history of the other role, which the event itself is not in', () => {
    expect(problemsWith(transferType({ f: { ...SENT, roles: { payer: 'payee' } } }))).toEqual([]);
    expect(problemsWith(transferType({ f: { ...SENT, roles: { payer: 'payee' }, current: 'included' } }))).toEqual([
      "features.f.current | the event is in the history of another role | remove 'current'",
    ]);
  });
});
