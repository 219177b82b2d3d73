import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

import { readCatalog } from '../../../bin/catalog/read-catalog.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-names-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  { file: 'event-types/card_payment.yaml', field: 'eventType', name: 'card_payment', reserved: 'assay_payment' },
  { file: 'lists/easily-resold.yaml', field: 'list', name: 'easily_resold', reserved: 'assay-resold' },
  { file: 'detectors/card-payments-policy.yaml', field: 'detector', name: 'card-payments-policy', reserved: 'assay_x' },
])("a document of a team may not have a name of the system's own: $file", ({ file, field, name, reserved }) => {
  const catalog = join(folder, reserved);
  cpSync('catalog', catalog, { recursive: true });
  const path = join(catalog, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(`${field}: ${name}`);
  writeFileSync(path, text.replace(`${field}: ${name}`, `${field}: ${reserved}`));

  const read = readCatalog(catalog, { withReferences: false });

  expect(read.ok ? [] : read.problems).toContainEqual(
    expect.objectContaining({ file, path: field, remedy: expect.stringContaining('assay_') }),
  );
});
