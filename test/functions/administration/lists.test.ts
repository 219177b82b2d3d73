import { describe, expect, test } from '@jest/globals';

import { sha256Hex } from '#domain/content-hash.ts';
import { world } from './world.ts';

const LATER = '2026-12-01T00:00:00Z';
const PAST = '2026-11-01T00:00:00Z';

describe('a list', () => {
  test('is made, added to, taken from and replaced, each under a number of its own', async () => {
    const { call, valuesOf } = await world();
    const put = async (body: object) => (await call('PUT', '/v1/lists/countries', body)).body;

    expect(await put({ operation: 'replace', values: ['FR', 'DE'] })).toMatchObject({ version: 1, count: 2 });
    expect(await put({ operation: 'append', values: ['ES', { value: 'DE', until: LATER }] })).toMatchObject({
      version: 2,
    });
    expect(await valuesOf('countries')).toEqual(['FR', { value: 'DE', until: LATER }, 'ES']);
    expect(await put({ operation: 'remove', values: ['FR', 'unlisted'] })).toMatchObject({ version: 3, count: 2 });
    expect(await put({ operation: 'replace', values: [] })).toMatchObject({ version: 4, count: 0 });
    expect(await put({ operation: 'append', values: [] })).toMatchObject({ changed: false, version: 4 });
  });

  test('lets go of values whose time is over', async () => {
    const { call, valuesOf, state } = await world();
    const values = ['FR', { value: 'DE', until: LATER }, { value: 'ES', until: PAST }];
    await call('PUT', '/v1/lists/countries', { operation: 'replace', values });
    expect(await valuesOf('countries')).toEqual(['FR', { value: 'DE', until: LATER }]);

    state.nowMs = Date.parse(LATER);
    await call('PUT', '/v1/lists/countries', { operation: 'append', values: ['IT'] });

    expect(await valuesOf('countries')).toEqual(['FR', 'IT']);
  });

  test('of persons holds their tokens under every key, and forgets them under every key', async () => {
    const { call, valuesOf, tokens, state } = await world();
    state.keys.push('n'.repeat(32));

    await call('PUT', '/v1/lists/blocked', { operation: 'append', values: ['c-2'] });

    expect(tokens('c-2')).toHaveLength(2);
    expect(await valuesOf('blocked')).toEqual([...tokens('c-1').slice(0, 1), ...tokens('c-2')]);
    // What stood before the key came has no token under it: the list says so.
    expect((await call('GET', '/v1/lists/blocked')).body).toMatchObject({ count: 2, keys: 1 });
    const replaced = { operation: 'replace', values: ['c-1', 'c-2'] };
    await call('PUT', '/v1/lists/blocked', replaced);
    expect((await call('GET', '/v1/lists/blocked')).body).toMatchObject({ count: 2, keys: 2, of: 'person' });
    await call('PUT', '/v1/lists/blocked', { operation: 'remove', values: [' c-2 '] });
    expect(await valuesOf('blocked')).toEqual(tokens('c-1'));
  });

  test.each([
    ['values of nothing that events have', { operation: 'replace', of: 'planet', values: ['mars'] }, 'of'],
    ['a card number', { operation: 'append', values: ['c-9', '4556737586899855'] }, 'values.1'],
    ['neither values nor an upload', { operation: 'append' }, 'values'],
    ['both', { operation: 'append', values: [], upload: { key: 'uploads/x', sha256: 'a'.repeat(64) } }, 'values'],
    ['an operation that is none', { operation: 'merge', values: [] }, 'operation'],
    ['an end that is no instant', { operation: 'append', values: [{ value: 'x', until: 'soon' }] }, 'values.0.until'],
    ['ends where values go', { operation: 'remove', values: [{ value: 'x', until: LATER }] }, 'values.0'],
  ])('is not given %s', async (_, body, field) => {
    const { call, registry } = await world();

    const answer = await call('PUT', '/v1/lists/blocked', body);

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(answer.body.fields.map((each: { field: string }) => each.field)).toContain(field);
    expect(JSON.stringify(answer.body)).not.toContain('4556737586899855');
    expect((await registry.head())?.revision).toBe(1);
  });

  test('whose kind of value changes is refused while a rule in force asks it', async () => {
    const { call } = await world();

    const answer = await call('PUT', '/v1/lists/blocked', { operation: 'replace', of: null, values: ['c-1'] });

    expect(answer.status).toBe(400);
    expect(answer.body.fields).toMatchObject([{ field: 'detector#payments rules.list.0.when' }]);
  });

  test('that nobody has made cannot be added to', async () => {
    const { call } = await world();

    expect(await call('PUT', '/v1/lists/none', { operation: 'append', values: ['x'] })).toMatchObject({
      status: 404,
      body: {
        detail:
          "list 'none' is not registered; register it first: PUT /v1/lists/none with operation 'replace' ('assay list put'), or put its document ('assay catalog put')",
      },
    });
    expect((await call('GET', '/v1/lists/none')).status).toBe(404);
  });

  test('has at most 100,000 values, brought by an upload where they are many, and a small snapshot', async () => {
    const { call, objects, active } = await world();
    const values = Array.from({ length: 100_000 }, (_, index) => `customer-${index}`);
    const bytes = Buffer.from(JSON.stringify(values));
    await objects.put('uploads/list.json', bytes);
    const upload = { key: 'uploads/list.json', sha256: sha256Hex(bytes) };

    const full = await call('PUT', '/v1/lists/many', { operation: 'replace', of: 'person', upload });
    const over = await call('PUT', '/v1/lists/many', { operation: 'append', values: ['one more'] });

    expect(full.body).toMatchObject({ changed: true, count: 100_000 });
    expect(over.body.fields).toMatchObject([{ field: 'values', problem: expect.stringContaining('100001') }]);
    expect(JSON.stringify(await active()).length).toBeLessThan(10_000);
  });
});
