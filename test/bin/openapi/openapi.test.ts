import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { openApiFiles } from '../../../bin/commands/openapi.ts';
import { ROUTES } from '../../../bin/openapi/routes/index.ts';
import { bodyContradictionOf, contradictionOf, openApi } from '../../support/openapi.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

test('what is committed is what the schemas say; otherwise run: npm run -s assay -- openapi --write', async () => {
  for (const [path, text] of Object.entries(await openApiFiles())) {
    expect({ path, text: readFileSync(join(ROOT, path), 'utf8') }).toEqual({ path, text });
  }
});

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(openApi).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];

  expect(references.length).toBeGreaterThan(10);
  for (const [, name] of references) expect(Object.keys(openApi.components.schemas)).toContain(name);
});

test('operations have names of their own', () => {
  const names = ROUTES.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
});

describe.each(ROUTES)('$method $path', ({ method, path, body, answer }) => {
  const documented = openApi.paths[path]![method]!;

  test('has an example of each body, and they are valid', () => {
    const examples = Object.values(body?.examples ?? {});

    expect(examples.length > 0).toBe(documented.requestBody !== undefined);
    for (const { value } of examples) expect(bodyContradictionOf(method, path, value)).toBeUndefined();
  });

  test('has an example of its answer, and it is valid', () => {
    const examples = Object.values(answer.examples ?? {});

    expect(examples.length > 0).toBe(answer.schema !== undefined);
    for (const { value } of examples) {
      const answered = { method, path, status: answer.status, contentType: 'application/json', body: value };
      expect(contradictionOf(answered)).toBeUndefined();
    }
  });

  test('documents every parameter of its path', () => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = (documented.parameters ?? []).filter((parameter) => parameter.in === 'path');

    expect(parameters.map(({ name }) => name)).toEqual(inPath);
    expect(parameters.every(({ required }) => required)).toBe(true);
  });

  test('answers problems as problem+json alone', () => {
    const problems = Object.entries(documented.responses).filter(([status]) => Number(status) >= 400);

    expect(problems.map(([status]) => Number(status))).toEqual(
      expect.arrayContaining([400, 401, 403, 413, 415, 429, 500, 503, 504]),
    );
    for (const [, { content }] of problems) expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
  });
});

test('an answer of another shape, or of a status that nobody documented, is told', () => {
  const answered = { method: 'GET', path: '/v1/decisions', status: 200, contentType: 'application/json' };

  expect(contradictionOf({ ...answered, body: { decisions: [] } })).toBeUndefined();
  expect(contradictionOf({ ...answered, body: { decisions: [], more: 1 } })).toMatch(/another body/);
  expect(contradictionOf({ ...answered, body: { decisions: [{}] } })).toMatch(/another body/);
  expect(contradictionOf({ ...answered, status: 418, body: {} })).toMatch(/not documented/);
  expect(contradictionOf({ ...answered, contentType: 'text/html', body: {} })).toMatch(/not documented/);
});
