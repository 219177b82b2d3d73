import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { CatalogAssetSchema } from '#domain/catalog/asset.ts';
import { compileCatalog } from '../../../bin/catalog/compile.ts';
import { readCatalog } from '../../../bin/catalog/read-catalog.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Files by name: their text, or what is made of the text that is there. */
type Changes = Readonly<Record<string, string | ((text: string) => string)>>;

/** The starter catalog in a folder of its own, with some files replaced, changed or added. */
const catalogWith = (changes: Changes = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-catalog-'));
  folders.push(folder);
  cpSync('catalog', folder, { recursive: true });
  rmSync(join(folder, 'references'), { recursive: true, force: true });
  for (const [file, change] of Object.entries(changes)) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof change === 'string' ? change : change(readFileSync(path, 'utf8')));
  }
  return folder;
};

const problemsOf = (folder: string): readonly string[] => {
  const read = readCatalog(folder);
  return read.ok
    ? []
    : read.problems.map(({ file, line, path, problem, remedy }) => `${file}:${line} ${path} | ${problem} | ${remedy}`);
};

const replacing = (from: string, to: string) => (text: string) => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

const EVENT_TYPE = 'event-types/card_payment.yaml';
const DETECTOR = 'detectors/card-payments.yaml';
const POLICY = 'detectors/card-payments-policy.yaml';
const TREES = 'models/card-payments-trees.yaml';

test('the starter catalog is fine, references included', () => {
  expect(problemsOf('catalog')).toEqual([]);
});

test('a compiled catalog is an asset, and the same folder gives the same bytes', () => {
  const [first, second] = [compileCatalog(catalogWith()), compileCatalog(catalogWith())];

  expect(second).toBe(first);
  const asset = CatalogAssetSchema.parse(JSON.parse(first));
  expect(asset.detectors.map(({ detector }) => detector)).toEqual(['card-payments-policy', 'card-payments']);
  expect(asset.models).toHaveLength(2);
});

test('a catalog that is wrong does not compile, and the message says where', () => {
  const folder = catalogWith({ [POLICY]: replacing('$amount > 500', '$amuont > 500') });

  expect(() => compileCatalog(folder)).toThrow(
    /detectors\/card-payments-policy\.yaml:14 rules\.list\.1\.when: .*amuont/,
  );
});

describe('what is wrong is told with file, line, path and remedy', () => {
  const changed = (file: string, from: string, to: string) => ({ [file]: replacing(from, to) });

  test.each<{ what: string; changes: Changes; expected: readonly RegExp[] }>([
    {
      what: 'text that is no YAML',
      changes: changed(EVENT_TYPE, 'labels: {', 'labels: {{'),
      expected: [/^event-types\/card_payment\.yaml:\d+ .*YAML cannot be read/],
    },
    {
      what: 'a key given twice',
      changes: changed(EVENT_TYPE, 'labels:', 'format: 1\nlabels:'),
      expected: [/YAML cannot be read: .*unique/],
    },
    {
      what: 'a misspelt key',
      changes: changed(EVENT_TYPE, 'purpose:', 'pupose:'),
      expected: [
        /^event-types\/card_payment\.yaml:2 purpose \| this is missing/,
        /:5 pupose \| .* \| did you mean 'purpose'\?/,
      ],
    },
    {
      what: 'a misspelt key of a member',
      changes: changed(DETECTOR, 'model: card-payments-trees', 'modle: card-payments-trees'),
      expected: [/:7 members\.0\.model \| this is missing/, /:7 members\.0\.modle \| .* \| did you mean 'model'\?/],
    },
    {
      what: 'a type that there is none of',
      changes: changed(EVENT_TYPE, '{ type: category, maxLength: 64 }', '{ type: catgory }'),
      expected: [/variables\.merchant_category\.type/],
    },
    {
      what: 'a document in a folder that nobody reads',
      changes: { 'detector/mine.yaml': 'format: 1' },
      expected: [/^detector\/mine\.yaml:undefined .*not read \| move it into/],
    },
    {
      what: 'an event type that there is none of',
      changes: changed(DETECTOR, 'eventType: card_payment', 'eventType: card_paymnt'),
      expected: [
        /^detectors\/card-payments\.yaml:5 eventType \| there is no event type .* \| did you mean 'card_payment'\?/,
      ],
    },
    {
      what: 'a rule that names an unknown variable',
      changes: changed(DETECTOR, '$amount >= 2000', '$amoumt >= 2000'),
      expected: [/rules\.list\.6\.when \| .*column 1.* \| .*\$amount/],
    },
    {
      what: 'a rule that names an unknown list',
      changes: changed(DETECTOR, '@blocked_customers', '@blocked_customer'),
      expected: [/rules\.list\.0\.when .*blocked_customers/],
    },
    {
      what: 'a rule that asks a list of terminals about a customer',
      changes: changed(DETECTOR, '$customer in @blocked_customers', '$customer in @watched_terminals'),
      expected: [/rules\.list\.0\.when \| .*never match/],
    },
    {
      what: 'two rules with one id',
      changes: changed(DETECTOR, 'id: likely_fraud\n', 'id: watched_terminal\n'),
      expected: [/rules\.list\.4\.id \| .*already/],
    },
    {
      what: 'a model that there is none of',
      changes: changed(DETECTOR, 'model: card-payments-trees', 'model: card-payments-tree'),
      expected: [/members\.0\.model \| .* \| did you mean 'card-payments-trees'\?/],
    },
    {
      what: 'two members with one name',
      changes: changed(DETECTOR, 'name: dart', 'name: trees'),
      expected: [/members\.1\.name \| member 'trees' is there already/],
    },
    {
      what: 'a model without its file',
      changes: changed(TREES, 'file: card-payments-trees.ubj', 'file: other.ubj'),
      expected: [/^models\/card-payments-trees\.yaml:\d+ file \| 'other\.ubj' cannot be read/],
    },
    {
      what: 'a file that is no model',
      changes: { 'models/card-payments-trees.ubj': 'no model' },
      expected: [/file \| 'card-payments-trees\.ubj' cannot be used/],
    },
    {
      what: 'inputs in another order than the model was trained with',
      changes: changed(TREES, '  - { name: amount, kind: number }\n', '  - { name: items, kind: number }\n'),
      expected: [/file \| .*cannot be used/],
    },
    {
      what: 'an input that is personal',
      changes: changed(TREES, '{ name: items, kind: number }', '{ name: email, kind: category, levels: [a] }'),
      expected: [/inputs\.\d+\.name \| 'email' is personal/, /file \| .*cannot be used/],
    },
    {
      what: 'an input of another type than its variable',
      changes: changed(TREES, '{ name: items, kind: number }', '{ name: channel, kind: number }'),
      expected: [/inputs\.\d+\.kind \| a number cannot be made of 'channel'/, /file/],
    },
    {
      what: 'a list of a kind that there is none of',
      changes: changed('lists/blocked-customers.yaml', 'of: person', 'of: persons'),
      expected: [/rules\.list\.0\.when/, /lists\/blocked-customers\.yaml:4 of \|/],
    },
    {
      what: 'a card number in a list',
      changes: changed('lists/blocked-customers.yaml', 'values: []', "values: ['4111111111111111']"),
      expected: [/values\.0 \| this looks like a card number/],
    },
    {
      what: 'a list that is there twice',
      changes: { 'lists/more.yaml': 'format: 1\nlist: easily_resold\nvalues: []\n' },
      expected: [/^lists\/more\.yaml:2 list \| it is in lists\/easily-resold\.yaml:1 already/],
    },
    {
      what: 'several versions without numbers',
      changes: {
        'detectors/more.yaml':
          'format: 1\ndetector: card-payments\nstatus: standby\nversion: 2\neventType: card_payment\nrules: { otherwise: [approve] }\n',
      },
      expected: [/^detectors\/card-payments\.yaml:3 detector \| there are several versions/],
    },
    {
      what: 'a switch for a detector that there is none of',
      changes: changed('switches.yaml', 'rulesOnly: []', 'rulesOnly: [card-payment]'),
      expected: [/^switches\.yaml:3 rulesOnly\.0 \|/],
    },
    {
      what: 'a reference that is none',
      changes: { 'references/card-payments.json': '{}' },
      expected: [/^references\/card-payments\.json:undefined .*no score reference/],
    },
    {
      what: 'a variable that holds a secret, one that is a role, and a default that would be compared with tokens',
      changes: changed(
        EVENT_TYPE,
        '  email: { type: email, personal: true }',
        '  email: { type: email, personal: true, default: none }\n  cvv: { type: string }\n  customer: { type: string }',
      ),
      expected: [/variables\.email\.default/, /variables\.cvv \|/, /variables\.customer \|/],
    },
    {
      what: 'a person who has no role in the event',
      changes: changed(
        EVENT_TYPE,
        'email: { type: email, personal: true }',
        'email: { type: email, personal: { of: payer } }',
      ),
      expected: [/^event-types.*variables\.email\.personal\.of \| 'payer' is no role.*customer, terminal/],
    },
    {
      what: 'people who are no role',
      changes: changed(EVENT_TYPE, 'labelSources:', 'people: [terminal, payer]\nlabelSources:'),
      expected: [/^event-types.*people\.1 \| 'payer' is no role.*customer, terminal/],
    },
    {
      what: 'a column for nothing, labels that overlap, a range upside down',
      changes: changed(
        EVENT_TYPE,
        "labels: { fraud: ['1', fraud], legit: ['0', legit] }",
        "labels: { fraud: ['1'], legit: ['1'] }\ncolumns: { amont: Betrag }",
      ),
      expected: [/labels\.legit\.0 \| '1' means 'fraud', too/, /columns\.amont \|/],
    },
  ])('$what', ({ changes, expected }) => {
    const problems = problemsOf(catalogWith(changes));

    expect(problems).toHaveLength(expected.length);
    for (const pattern of expected) expect(problems).toContainEqual(expect.stringMatching(pattern));
  });
});

test.each([
  {
    what: 'aliases that multiply',
    text: `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h']
      .map(
        (name, index) =>
          `${name}: &${name} [${Array(9)
            .fill(`*${String.fromCharCode(97 + index)}`)
            .join(',')}]`,
      )
      .join('\n')}`,
  },
  { what: 'nesting without end', text: '['.repeat(20_000) },
  { what: 'bytes', text: '\u0000\u0001\ufffd' },
  { what: 'a list', text: '- 1\n- 2\n' },
  { what: 'a __proto__ key', text: 'format: 1\n__proto__: { detector: x }\n' },
])('$what in a document is a problem, not an exception', ({ text }) => {
  const problems = problemsOf(catalogWith({ 'detectors/odd.yaml': text }));

  expect(problems.length).toBeGreaterThan(0);
  expect(problems[0]).toMatch(/^detectors\/odd\.yaml/);
});

test('several documents of one file are told apart by their lines', () => {
  const list = (name: string, format: number) => `format: ${format}\nlist: ${name}\nvalues: []\n`;

  const problems = problemsOf(catalogWith({ 'lists/two.yaml': `${list('one', 1)}---\n${list('two', 2)}` }));

  expect(problems).toEqual([expect.stringMatching(/^lists\/two\.yaml:5 format/)]);
});

test('a folder that is not there is a problem', () => {
  expect(problemsOf('no-such-folder')).toEqual([expect.stringMatching(/no such folder/)]);
});
