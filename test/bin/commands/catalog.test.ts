import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

import { catalogCommand } from '../../../bin/commands/catalog.ts';

let printed: string[];
beforeEach(() => {
  printed = [];
  jest.spyOn(console, 'log').mockImplementation((text: string) => {
    printed.push(text);
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

const run = async (...args: string[]): Promise<string> => {
  await catalogCommand().parseAsync(args, { from: 'user' });
  return printed.join('\n');
};

test('check says in one line that the starter catalog is fine', async () => {
  expect(await run('check')).toMatch(/fine: event types 1, detectors 2, lists 3, models 2/);
  expect(process.exitCode).toBeUndefined();
});

test('check ends with a failure and tells each problem, in words and as JSON', async () => {
  const words = await run('check', 'no-such-folder');
  printed = [];
  const json = JSON.parse(await run('check', 'no-such-folder', '--json'));

  expect(words).toMatch(/there is no such folder/);
  expect(json).toMatchObject({ ok: false, problems: [{ remedy: expect.any(String) }] });
  expect(process.exitCode).toBe(1);
});

test('the schemas take the starter catalog as it is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-schemas-'));
  try {
    await run('schema', '--out', folder);
    const validate = (kind: string, file: string) => {
      const schema = JSON.parse(readFileSync(join(folder, `${kind}.schema.json`), 'utf8'));
      const check = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(schema);
      return { valid: check(parse(readFileSync(join('catalog', file), 'utf8'))), errors: check.errors };
    };
    const fine = { valid: true, errors: null };

    expect(validate('event-type', 'event-types/card_payment.yaml')).toEqual(fine);
    expect(validate('detector', 'detectors/card-payments.yaml')).toEqual(fine);
    expect(validate('list', 'lists/easily-resold.yaml')).toEqual(fine);
    expect(validate('model', 'models/card-payments-trees.yaml')).toEqual(fine);
    expect(validate('switches', 'switches.yaml')).toEqual(fine);
    expect(validate('list', 'switches.yaml').valid).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
