import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { readCatalog } from '../../../bin/catalog/read-catalog.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const PAYMENT = `format: 1
eventType: payment
purpose: fraud-detection
entities: { customer: person }
variables:
  amount: { type: money, min: 0 }
  email: { type: email, personal: true }
features:
  customer_mean_30d: { mean: amount, per: customer, window: 30d }
  customer_logins_10m: { count: true, of: login, per: customer, window: 10m }
  customer_refused_7d: { rate: { detector: payments, outcome: decline }, per: customer, window: 7d }
  last_email: { last: email, per: customer, window: 30d }
  email_domain: { transform: email_domain, of: email }
  amount_vs_usual: { value: $amount / $customer_mean_30d }
`;
const LOGIN = `format: 1
eventType: login
purpose: fraud-detection
entities: { user: person }
variables: { succeeded: { type: boolean } }
`;
const DETECTOR = `format: 1
detector: payments
eventType: payment
members:
  - { name: remote, kind: sagemaker, endpoint: fraud-xgb, inputs: [amount, amount_vs_usual, email_domain] }
rules:
  list:
    - { id: unusual, when: $amount_vs_usual > 8 or $customer_logins_10m >= 5, outcomes: [decline] }
    - { id: other_email, when: $last_email != $email and $email in @known, outcomes: [review] }
  otherwise: [approve]
`;
const LIST = 'format: 1\nlist: known\nof: email\nvalues: []\n';

const DOCUMENTS = {
  'event-types/payment.yaml': PAYMENT,
  'event-types/login.yaml': LOGIN,
  'detectors/payments.yaml': DETECTOR,
  'lists/known.yaml': LIST,
};

/** What is wrong with the catalog after one text of it has been replaced. */
const problemsAfter = (file: keyof typeof DOCUMENTS, from: string, to: string): readonly string[] => {
  expect(DOCUMENTS[file]).toContain(from);
  return problemsOf({ ...DOCUMENTS, [file]: DOCUMENTS[file].replace(from, to) });
};

const problemsOf = (documents: Readonly<Record<string, string>>): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-features-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(documents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const read = readCatalog(folder);
  return read.ok
    ? []
    : read.problems.map(({ file, line, path, problem, remedy }) => `${file}:${line} ${path} | ${problem} | ${remedy}`);
};

test('features are inputs and variables of rules, and an event type may be for history alone', () => {
  expect(problemsOf(DOCUMENTS)).toEqual([]);
});

describe('what is wrong with features is told with file, line, path and remedy', () => {
  test.each<[string, keyof typeof DOCUMENTS, string, string, string]>([
    [
      'a misspelt key',
      'event-types/payment.yaml',
      'window: 30d }\n  customer_logins',
      'windw: 30d }\n  customer_logins',
      "event-types/payment.yaml:9 features.customer_mean_30d.windw | 'windw' is not known here | did you mean 'window'?",
    ],
    [
      'a length of time that is none',
      'event-types/payment.yaml',
      'window: 10m',
      'window: 10 minutes',
      "event-types/payment.yaml:10 features.customer_logins_10m.window | write a length of time, such as 10m or 1d | see 'assay catalog schema' for what may stand here",
    ],
    [
      'an event type that there is none of',
      'event-types/payment.yaml',
      'of: login',
      'of: logins',
      "event-types/payment.yaml:10 features.customer_logins_10m.of | there is no event type 'logins' | did you mean 'login'?",
    ],
    [
      'a kind that the other type has not',
      'event-types/login.yaml',
      'user: person',
      'user: device',
      "event-types/payment.yaml:10 features.customer_logins_10m.of | 'login' has no role of kind 'person', which 'customer' is of | name an event type that shares the kind",
    ],
    [
      'a detector that there is none of',
      'event-types/payment.yaml',
      'detector: payments',
      'detector: paymnts',
      "event-types/payment.yaml:11 features.customer_refused_7d.rate.detector | there is no detector 'paymnts' | did you mean 'payments'?",
    ],
    [
      'an outcome that the detector has not',
      'event-types/payment.yaml',
      'outcome: decline',
      'outcome: block',
      "event-types/payment.yaml:11 features.customer_refused_7d.rate.outcome | 'block' is no outcome of 'payments' | use one of decline, review, approve",
    ],
    [
      'a derived feature of something unknown',
      'event-types/payment.yaml',
      '$customer_mean_30d }',
      '$customer_mean_3d }',
      'event-types/payment.yaml:14 features.amount_vs_usual.value | unknown variable $customer_mean_3d (column 11 of the expression) | did you mean $customer_mean_30d?',
    ],
    [
      'a feature with the name of a variable',
      'event-types/payment.yaml',
      '  last_email: {',
      '  amount: {',
      "event-types/payment.yaml:12 features.amount | 'amount' is a variable, too | give the feature another name",
    ],
    [
      'a feature with the name of a score',
      'event-types/payment.yaml',
      '  last_email: {',
      '  score: {',
      'event-types/payment.yaml:12 features.score | rules use $score for a score | choose another name',
    ],
    [
      'a rule that names an unknown feature',
      'detectors/payments.yaml',
      '$amount_vs_usual > 8',
      '$amount_vs_usal > 8',
      'detectors/payments.yaml:8 rules.list.0.when | unknown variable $amount_vs_usal (column 1 of the rule) | did you mean $amount_vs_usual?',
    ],
    [
      'a rule that takes a feature for another type',
      'detectors/payments.yaml',
      '$amount_vs_usual > 8',
      '$amount_vs_usual == "8"',
      'detectors/payments.yaml:8 rules.list.0.when | cannot compare a number with a string (column 18 of the rule) | write it without quotes',
    ],
    [
      'an input that is no feature',
      'detectors/payments.yaml',
      'amount_vs_usual, email_domain',
      'amount_vs_usual, email_domains',
      "detectors/payments.yaml:5 members.0.inputs.2 | the event type has no variable 'email_domains' | did you mean 'email_domain'?",
    ],
    [
      'an input that is a token',
      'detectors/payments.yaml',
      'amount_vs_usual, email_domain',
      'amount_vs_usual, last_email',
      "detectors/payments.yaml:5 members.0.inputs.2 | 'last_email' is a token, which means nothing to a model | leave it out, or derive a variable from it",
    ],
  ])('%s', (_, file, from, to, expected) => {
    const problems = problemsAfter(file, from, to);

    expect(problems).toContain(expected);
  });

  test('a token of history is looked up in lists of its like alone', () => {
    const rule = (name: string) => `$${name} in @known, outcomes: [review]`;

    expect(problemsAfter('detectors/payments.yaml', rule('email'), rule('last_email'))).toEqual([]);
    expect(problemsAfter('detectors/payments.yaml', rule('email'), rule('email_domain'))).toEqual([
      expect.stringMatching(
        /rules\.list\.1\.when \| \$email_domain holds plain values, and list 'known' tokens of 'email'/,
      ),
    ]);
  });
});

test('a model may have features as inputs, of a kind that fits', () => {
  const model = (kind: string) =>
    `format: 1\nmodel: m\neventType: payment\nkind: xgboost\nfile: m.ubj\ninputs: [{ name: email_domain, kind: ${kind} }]\n`;
  const inputProblems = (kind: string) =>
    problemsOf({ ...DOCUMENTS, 'models/m.yaml': model(kind) }).filter((problem) => problem.includes(' inputs.'));

  expect(inputProblems('category, levels: [shop.example]')).toEqual([]);
  expect(inputProblems('number')).toEqual([
    "models/m.yaml:6 inputs.0.kind | a number cannot be made of 'email_domain', which is of type string | use category",
  ]);
});
