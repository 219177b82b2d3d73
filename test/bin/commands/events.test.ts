import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { PUBLISHED_SCHEMAS } from '#domain/published/published-event.ts';
import { toPublish } from '#domain/published/to-publish.ts';
import { commitsOf } from '../../functions/lake/world.ts';

const printed = execFileSync(process.execPath, [join('bin', 'assay.ts'), 'events', 'schema'], { encoding: 'utf8' });
const schemas: Record<string, Record<string, unknown>> = JSON.parse(printed);

test('there is a schema for the detail of every event, and a line about it in the documentation', () => {
  const documentation = readFileSync('docs/events.md', 'utf8');

  expect(Object.keys(schemas)).toEqual(Object.keys(PUBLISHED_SCHEMAS));
  for (const detailType of Object.keys(schemas)) expect(documentation).toContain(`| \`${detailType}\` |`);
});

test('what is published is as the schema says, and may have members that are new', () => {
  const event = toPublish(commitsOf(1)[1]!);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const validate = ajv.compile(schemas['decision made'] ?? {});

  expect(validate(event?.detail)).toBe(true);
  expect(validate({ ...event?.detail, addedLater: 1 })).toBe(true);
  expect(validate({ ...event?.detail, id: 'other' })).toBe(false);
});
