import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';

import { bundleFunctions, FUNCTION_ENTRIES, functionName } from '../../lib/bundle.ts';
import { withLateRegularExpressions } from '../../lib/slim-bundles.ts';

const ROOT = join(import.meta.dirname, '../..');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-bundles-'));
  await bundleFunctions(ROOT, join(folder, 'functions'));
}, 30_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (entry: (typeof FUNCTION_ENTRIES)[number], file: string) =>
  join(folder, 'functions', functionName(entry), file);

test.each(FUNCTION_ENTRIES)('%s is at most 700 KB, so that it starts fast', (entry) => {
  const { size } = statSync(fileOf(entry, 'index.cjs'));

  expect(size).toBeGreaterThan(10_000);
  expect(size).toBeLessThanOrEqual(700_000);
});

test('the engine of regular expressions lies beside the functions that evaluate rules, and no others', () => {
  expect(existsSync(fileOf('scoring/api', 're2js.cjs'))).toBe(true);
  expect(existsSync(fileOf('scoring/queue', 're2js.cjs'))).toBe(true);
  expect(existsSync(fileOf('ingestion/files', 're2js.cjs'))).toBe(false);
});

test('a bundle loads the engine with the first regular expression, and tells its errors from others', async () => {
  const probe = join(folder, 'functions', 'scoring-api', 'probe.cjs');
  const source = `
    import { compileCondition } from '#rules/compile.ts';
    const scope = { variables: new Map([['text', { type: 'string' }]]), lists: new Set() };
    const isLoaded = () => Object.keys(require.cache).some((path) => path.endsWith('re2js.cjs'));
    const before = isLoaded();
    const evaluate = (rule) => compileCondition(rule, scope).evaluate({ value: () => 'ab12', inList: () => false, nowMs: 0 });
    const plain = evaluate("$text == 'ab12'").value;
    const stillNot = isLoaded();
    const matched = evaluate("regex_match('[a-z]+[0-9]+', $text)").value;
    let refusal;
    try { evaluate("regex_match('[a-z', $text)"); } catch (error) { refusal = error.message; }
    export const answer = { before, plain, stillNot, matched, after: isLoaded(), refusal };
  `;
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    plugins: [withLateRegularExpressions],
  });
  writeFileSync(probe, outputFiles[0]!.contents);

  expect(createRequire(import.meta.url)(probe).answer).toEqual({
    before: false,
    plain: true,
    stillNot: false,
    matched: true,
    after: true,
    refusal: expect.stringContaining('the regular expression cannot be read'),
  });
});
