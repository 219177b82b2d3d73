import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { sha256Hex } from '#domain/content-hash.ts';
import { changeInWords, putByApi } from '../../../bin/administration/change.ts';
import { putDocuments } from '../../../bin/administration/put-documents.ts';
import type { AssayClient } from '../../../bin/system/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-put-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const CHANGED = { name: 'x', changed: true, revision: 7, snapshot: 'hash', version: 2 };
/** A client whose API answers all alike, with what it was asked. */
const clientAnswering = (status = 200, body: unknown = CHANGED) => {
  const asked: { path: string; body: unknown; headers: unknown }[] = [];
  const uploads = new Map<string, Uint8Array>();
  const client = {
    call: async (_method: string, path: string, sent: unknown, headers: unknown) => {
      asked.push({ path, body: sent, headers });
      return { status, body, etag: '"e"' };
    },
    upload: async (key: string, bytes: Uint8Array) => void uploads.set(key, bytes),
  } as unknown as AssayClient;
  return { client, asked, uploads };
};

describe('documents of a file', () => {
  const several = [
    'detector: d\neventType: e\nrules: { otherwise: [approve] }',
    'model: m\neventType: e\nfile: m.json',
    'list: l\nof: person\nvalues: [a]',
    'eventType: e\npurpose: p',
  ].join('\n---\n');

  test('are put one by one, what others refer to first', async () => {
    const { client, asked } = clientAnswering();
    fileOf('m.json', 'bytes');

    const changes = await putDocuments(client, fileOf('all.yaml', several), undefined);

    expect(changes).toHaveLength(4);
    expect(asked.map(({ path }) => path)).toEqual([
      'v1/catalog/event-types/e',
      'v1/lists/l',
      'v1/catalog/models/m',
      'v1/catalog/detectors/d',
    ]);
    expect(asked[1]?.body).toEqual({ operation: 'replace', of: 'person', values: ['a'] });
    expect(asked[2]?.body).toMatchObject({ file: { base64: Buffer.from('bytes').toString('base64') } });
  });

  test('whose parts are too large for a request are uploaded first, and named by their hash', async () => {
    const { client, asked, uploads } = clientAnswering();
    const bytes = new Uint8Array(3_000_000);
    fileOf('m.json', bytes);

    await putDocuments(client, fileOf('one.yaml', 'model: m\neventType: e\nfile: m.json'), '"seen"');

    const sha256 = sha256Hex(bytes);
    const key = `uploads/${sha256}/m.json`;
    expect([...uploads.keys()]).toEqual([key]);
    expect(asked[0]).toMatchObject({ body: { file: { upload: { key, sha256 } } }, headers: { 'if-match': '"seen"' } });
  });

  test.each([
    ['that is none', 'colour: blue', undefined, /no event type, list, model or detector/],
    ['of switches', 'rulesOnly: [a]', undefined, /assay detector rules-only/],
    ['that cannot be read', 'a: [', undefined, /the YAML cannot be read/],
    ['that is empty', '', undefined, /holds no document/],
    ['of several, for one state', several, '"e"', /--if-match is for a file of one document/],
  ])('a file %s is refused, with what to do', async (_, text, ifMatch, message) => {
    const { client, asked } = clientAnswering();

    await expect(putDocuments(client, fileOf('bad.yaml', text), ifMatch)).rejects.toThrow(message);
    expect(asked).toEqual([]);
  });
});

describe('a change', () => {
  test('that is refused says why, field by field', async () => {
    const fields = [{ field: 'rules.list.0.when', problem: 'unknown variable $x; did you mean $y?' }];
    const { client } = clientAnswering(400, { code: 'invalid_input', detail: 'no', requestId: 'r-1', fields });

    await expect(putByApi(client, 'lists/l', {}, undefined)).rejects.toThrow(
      'invalid_input: no (request r-1)\n  rules.list.0.when: unknown variable $x; did you mean $y?',
    );
  });

  test('that is answered by something else says so', async () => {
    const { client } = clientAnswering(502, undefined);

    await expect(putByApi(client, 'lists/l', {}, undefined)).rejects.toThrow('the API answered 502');
  });

  test('is told in a line', () => {
    expect(changeInWords({ ...CHANGED, active: 1 })).toContain('newest version 2, version 1 decides (revision 7');
    expect(changeInWords({ ...CHANGED, changed: false, rulesOnly: true })).toContain('x was so already');
  });
});
