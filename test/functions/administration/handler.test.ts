import { describe, expect, test } from '@jest/globals';

import { AuditEntrySchema, BEFORE_FIRST, checkLink } from '#domain/audit.ts';
import { withSystemDocuments } from '#domain/catalog/system-documents.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { buildReference } from '#model/reference.ts';
import { stump } from '../../support/scoring.ts';
import { ALICE, anAsset, detector, eventType, fileOf, model, world } from './world.ts';

const fieldsOf = ({ body }: { body: { fields?: { field: string }[] } }) => body.fields?.map(({ field }) => field);

describe('event types', () => {
  test('are registered under the next number, in force, and tell who wrote them', async () => {
    const { call, active } = await world();
    const wider = eventType({ variables: { ...eventType().variables, channel: { type: 'category' } } });

    const put = await call('PUT', '/v1/catalog/event-types/card_payment', wider);
    const read = await call('GET', '/v1/catalog/event-types/card_payment');

    expect(put).toMatchObject({ status: 200, body: { changed: true, version: 2, revision: 2 } });
    expect((await active()).eventTypes.card_payment?.document.variables).toHaveProperty('channel');
    expect(read.body.versions.map(({ version, writtenBy }: Record<string, unknown>) => [version, writtenBy])).toEqual([
      [1, 'deployment'],
      [2, ALICE],
    ]);
    expect(read.etag).toBe(put.etag);
  });

  test('are refused when a detector in force would break, with its path and the remedy', async () => {
    const { call, active } = await world();
    const narrower = eventType({ variables: { country: { type: 'category' } } });

    const answer = await call('PUT', '/v1/catalog/event-types/card_payment', narrower);

    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toContain('detector#payments rules.list.1.when');
    expect(fieldsOf(answer)).toContain('model#trees inputs.0.name');
    expect((await active()).eventTypes.card_payment?.version).toBe(1);
  });

  test.each([
    ['another name than the path', { eventType: 'other' }, 'eventType'],
    ['a role and a variable of one name', { entities: { amount: 'person' } }, 'variables.amount'],
    ['something unknown', { colour: 'blue' }, ''],
  ])('are refused for %s', async (_, changes, field) => {
    const { call } = await world();

    const answer = await call('PUT', '/v1/catalog/event-types/card_payment', eventType(changes));

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(fieldsOf(answer)).toContain(field);
  });

  test('that change nothing write nothing', async () => {
    const { call, registry, entries } = await world();
    const before = await registry.head();

    const answer = await call('PUT', '/v1/catalog/event-types/card_payment', eventType());

    expect(answer).toMatchObject({ status: 200, body: { changed: false, version: 1, revision: 1 } });
    expect(await registry.head()).toEqual(before);
    expect(entries()).toHaveLength(1);
  });
});

describe('detectors', () => {
  const stricter = detector({ rules: { list: [], otherwise: ['review'] } });

  test('stand by until they are activated, and can be put back', async () => {
    const { call, active } = await world();

    expect((await call('PUT', '/v1/catalog/detectors/payments', stricter)).body).toMatchObject({
      version: 2,
      active: 1,
    });
    const on = await call('PUT', '/v1/catalog/detectors/payments/activation', { version: 2 });
    expect(on.body).toMatchObject({ changed: true, active: 2 });
    expect((await active()).detectors.payments?.active).toBe(2);
    const off = await call('PUT', '/v1/catalog/detectors/payments/activation', { version: null });
    expect(off.body.active).toBeUndefined();
    expect((await active()).detectors.payments).toMatchObject({ versions: [{ version: 1 }, { version: 2 }] });
    expect((await call('PUT', '/v1/catalog/detectors/payments/activation', { version: 1 })).body.active).toBe(1);
  });

  test('are pinned to the newest version of their models', async () => {
    const { call } = await world();
    const file = { base64: fileOf(stump({ at: 70 })).base64 };
    await call('PUT', '/v1/catalog/models/trees', { document: model(), file });

    await call('PUT', '/v1/catalog/detectors/payments', stricter);
    const { body } = await call('GET', '/v1/catalog/detectors/payments?version=2');

    expect(body).toMatchObject({ version: 2, active: 1, document: { members: [{ model: 'trees', version: 2 }] } });
  });

  test.each([
    [
      'a rule that names nothing known',
      { rules: { list: [{ id: 'x', when: '$amuont > 1', outcomes: ['review'] }], otherwise: ['approve'] } },
      'rules.list.0.when',
    ],
    ['an unknown event type', { eventType: 'card_paiment' }, 'eventType'],
    ['an unknown model', { members: [{ name: 'm', kind: 'embedded', model: 'forest' }] }, 'members'],
  ])('are refused for %s, without using up a number', async (_, changes, field) => {
    const { call } = await world();

    const answer = await call('PUT', '/v1/catalog/detectors/payments', detector(changes));

    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toContain(field);
    expect((await call('PUT', '/v1/catalog/detectors/payments', stricter)).body.version).toBe(2);
  });

  test('keep what a number stands for: other content under it is refused, and the refusal is on record', async () => {
    const { call, entries } = await world();

    const answer = await call('PUT', '/v1/catalog/detectors/payments', { ...stricter, version: 1 });

    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(entries().at(-1)).toMatchObject({ outcome: 'refused', act: 'detector.put', actor: { id: ALICE } });
  });

  test('that do not exist cannot be activated, nor versions', async () => {
    const { call } = await world();

    expect((await call('PUT', '/v1/catalog/detectors/none/activation', { version: 1 })).status).toBe(404);
    expect((await call('PUT', '/v1/catalog/detectors/payments/activation', { version: 9 })).body.detail).toContain(
      'it has 1',
    );
  });

  test('take a reference that fits their members, and no other', async () => {
    const { call, active } = await world();
    const rows = Array.from({ length: 500 }, (_, at) => [(at + 1) / 502]);
    const members = (modelHash: string) => [{ name: 'trees', weight: 1, modelHash }];
    const fitting = buildReference(rows, {
      detector: 'payments',
      combine: 'mean_logit',
      members: members(sha256Hex(stump())),
    });
    const foreign = buildReference(rows, { detector: 'payments', combine: 'mean_logit', members: members('other') });

    const refused = await call('PUT', '/v1/catalog/references/payments', foreign);
    const taken = await call('PUT', '/v1/catalog/detectors/payments/activation', { version: 1, reference: fitting });

    expect(fieldsOf(refused)).toEqual(['reference']);
    expect(taken.status).toBe(200);
    expect((await active()).references.payments?.sha256).toHaveLength(64);
    const file = { base64: fileOf(stump({ at: 70 })).base64 };
    await call('PUT', '/v1/catalog/models/trees', { document: model(), file });
    await call('PUT', '/v1/catalog/detectors/payments', stricter);
    // Its scores would silently be missing: the model is another one.
    const unfit = await call('PUT', '/v1/catalog/detectors/payments/activation', { version: 2 });
    expect(fieldsOf(unfit)).toEqual(['reference']);
  });
});

describe('models', () => {
  test('are read before they are taken, from the body or from an upload', async () => {
    const { call, objects, active } = await world();
    const bytes = stump({ at: 80 });
    await objects.put('uploads/trees.json', bytes);
    const upload = { key: 'uploads/trees.json', sha256: sha256Hex(bytes) };

    const put = await call('PUT', '/v1/catalog/models/trees', { document: model(), file: { upload } });

    expect(put.body).toMatchObject({ changed: true, version: 2 });
    expect((await active()).models['trees@2']?.sha256).toBe(upload.sha256);
    expect(await objects.get(`objects/${upload.sha256}`)).toEqual(bytes);
    expect((await call('GET', '/v1/catalog/models/trees')).body).toMatchObject({ version: 2, sha256: upload.sha256 });
  });

  const base64 = Buffer.from('{"no":"model"}').toString('base64');
  test.each([
    ['that is no model', { base64 }, model(), 'file'],
    [
      'whose inputs are others',
      { base64: fileOf(stump()).base64 },
      model({ inputs: [{ name: 'country', kind: 'number' }] }),
      'file',
    ],
    ['that was never uploaded', { upload: { key: 'uploads/none', sha256: 'a'.repeat(64) } }, model(), 'upload.key'],
    ['that is given in no way', {}, model(), 'file'],
    [
      'of an unknown event type',
      { base64: fileOf(stump()).base64 },
      model({ eventType: 'other' }),
      'document.eventType',
    ],
  ])('%s are refused', async (_, file, document, field) => {
    const { call } = await world();

    const answer = await call('PUT', '/v1/catalog/models/trees', { document, file });

    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)?.some((found) => found.startsWith(field))).toBe(true);
  });

  test('that were changed on their way are refused', async () => {
    const { call, objects } = await world();
    await objects.put('uploads/trees.json', stump());

    const upload = { key: 'uploads/trees.json', sha256: sha256Hex('other bytes') };
    const answer = await call('PUT', '/v1/catalog/models/trees', { document: model(), file: { upload } });

    expect(fieldsOf(answer)).toEqual(['upload.sha256']);
  });
});

describe('the kill switch', () => {
  test('is turned on and off, once each', async () => {
    const { call, active } = await world();

    const on = await call('PUT', '/v1/switches/payments', { rulesOnly: true });
    const again = await call('PUT', '/v1/switches/payments', { rulesOnly: true });

    expect(on.body).toMatchObject({ changed: true, rulesOnly: true });
    expect(again.body).toMatchObject({ changed: false, rulesOnly: true });
    expect((await active()).switches.rulesOnly).toEqual(['payments']);
    expect((await call('GET', '/v1/switches/payments')).body).toEqual({ name: 'payments', rulesOnly: true });
    expect((await call('PUT', '/v1/switches/payments', { rulesOnly: false })).body).toMatchObject({ changed: true });
    expect((await call('PUT', '/v1/switches/none', { rulesOnly: true })).status).toBe(404);
  });
});

describe('two who change the same thing', () => {
  test('are told apart by what they have seen', async () => {
    const { call } = await world();
    const { etag = '' } = await call('GET', '/v1/lists/blocked');
    const append = (value: string, headers: Record<string, string>) =>
      call('PUT', '/v1/lists/blocked', { operation: 'append', values: [value] }, headers);

    const first = await append('c-2', { 'if-match': etag });
    const second = await append('c-3', { 'if-match': etag });

    expect(first.status).toBe(200);
    expect(second).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
    expect((await append('c-3', { 'if-match': first.etag ?? '' })).status).toBe(200);
    // What happened to another document meanwhile is no reason to refuse.
    await call('PUT', '/v1/switches/payments', { rulesOnly: true });
    expect((await append('c-4', { 'if-match': '*' })).status).toBe(200);
  });

  test('can ask for what is new alone', async () => {
    const { call } = await world();
    const make = () => call('PUT', '/v1/lists/vip', { operation: 'replace', values: [] }, { 'if-none-match': '*' });

    expect((await make()).status).toBe(200);
    expect((await make()).status).toBe(412);
  });

  test('both count when neither asks, though they race', async () => {
    const { call, valuesOf, tokens } = await world();
    const append = (value: string) => call('PUT', '/v1/lists/blocked', { operation: 'append', values: [value] });

    const answers = await Promise.all(['c-2', 'c-3', 'c-4'].map(append));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(await valuesOf('blocked'))).toEqual(new Set(['c-1', 'c-2', 'c-3', 'c-4'].flatMap(tokens)));
  });
});

describe('the audit log', () => {
  test('has one link for each act, in order, with who, what and the hashes, and no value', async () => {
    const { call, entries } = await world();
    await call('PUT', '/v1/lists/blocked', { operation: 'append', values: ['planted-person'] });
    await call('PUT', '/v1/switches/payments', { rulesOnly: true });
    await call('PUT', '/v1/lists/assay_own', { operation: 'replace', values: ['x'] });
    await call('PUT', '/v1/catalog/event-types/card_payment', eventType());

    let end = BEFORE_FIRST;
    for (const entry of entries()) {
      expect(AuditEntrySchema.parse(entry)).toEqual(entry);
      const link = checkLink(end, JSON.parse(JSON.stringify(entry)));
      expect(link.ok).toBe(true);
      end = entry;
    }
    expect(entries().map(({ act, outcome, actor }) => [act, outcome, actor.id])).toEqual([
      ['catalog.deploy', 'done', 'deployment'],
      ['list.append', 'done', ALICE],
      ['switch.set', 'done', ALICE],
      ['list.replace', 'refused', ALICE],
    ]);
    expect(entries()[1]).toMatchObject({
      requestId: 'r-1',
      revision: 2,
      changes: [{ kind: 'list', name: 'blocked', before: { version: 1 }, after: { version: 2 } }],
    });
    expect(JSON.stringify(entries())).not.toContain('planted-person');
  });

  test('names each version that comes in, below others too, and which of them decide', async () => {
    const { call, entries } = await world();
    const file = (at: number) => ({ base64: fileOf(stump({ at })).base64 });
    await call('PUT', '/v1/catalog/models/trees', { document: model({ version: 9 }), file: file(9) });
    await call('PUT', '/v1/catalog/models/trees', { document: model({ version: 4 }), file: file(4) });
    await call('PUT', '/v1/catalog/detectors/payments', detector({ version: 7 }));
    await call('PUT', '/v1/catalog/detectors/payments', detector({ version: 5, description: 'lower' }));
    await call('PUT', '/v1/catalog/detectors/payments/activation', { version: 5 });

    const acts = entries().slice(1);

    expect(acts.map(({ changes }) => changes)).toMatchObject([
      [{ kind: 'model', name: 'trees', after: { version: 9 } }],
      [{ kind: 'model', name: 'trees', after: { version: 4 } }],
      [{ kind: 'detector', name: 'payments', after: { version: 7 } }],
      [{ kind: 'detector', name: 'payments', after: { version: 5 } }],
      [
        { kind: 'detector', name: 'payments', before: { version: 1, decides: true }, after: { version: 1 } },
        { kind: 'detector', name: 'payments', before: { version: 5 }, after: { version: 5, decides: true } },
      ],
    ]);
  });

  test('is delivered later when its bucket is down, and the act counts all the same', async () => {
    const { call, entries, ports, counted, deploy } = await world();
    const { keep } = ports.archive;
    ports.archive.keep = async () => {
      throw new Error('down');
    };

    const answer = await call('PUT', '/v1/switches/payments', { rulesOnly: true });

    expect(answer.status).toBe(200);
    expect(entries()).toHaveLength(1);
    expect(counted.get('AuditUndelivered')).toBe(1);
    ports.archive.keep = keep;
    await deploy(anAsset());
    expect(entries().map(({ act }) => act)).toEqual(['catalog.deploy', 'switch.set']);
  });

  test('names somebody: who is nobody may do nothing', async () => {
    const { call, entries } = await world();

    const answer = await call('PUT', '/v1/switches/payments', { rulesOnly: true }, {}, null);

    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(entries()).toHaveLength(1);
  });
});

test("the system's own names are refused everywhere", async () => {
  const { call } = await world();
  const puts: [string, object][] = [
    ['/v1/catalog/event-types/assay_canary', eventType({ eventType: 'assay_canary' })],
    ['/v1/catalog/detectors/assay_canary', detector({ detector: 'assay_canary' })],
    ['/v1/catalog/detectors/assay_canary/activation', { version: null }],
    ['/v1/switches/assay_canary', { rulesOnly: true }],
    ['/v1/lists/assay-list', { operation: 'replace', values: [] }],
  ];

  for (const [path, body] of puts) expect((await call('PUT', path, body)).status).toBe(403);
});

test("no detector of a team judges the system's own events, which would pass for a failing canary", async () => {
  const { call, deploy } = await world();
  await deploy(withSystemDocuments(anAsset()));

  const rules = { list: [], otherwise: ['approve'] };
  const own = detector({ detector: 'own', eventType: 'assay_canary', members: [], rules });
  const answer = await call('PUT', '/v1/catalog/detectors/own', own);

  expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: 'eventType' }] } });
});

test('all that is in force can be read', async () => {
  const { call } = await world();

  const { body } = await call('GET', '/v1/catalog');

  expect(body).toMatchObject({
    revision: 1,
    eventTypes: [{ name: 'card_payment', version: 1 }],
    detectors: [{ name: 'payments', eventType: 'card_payment', newest: 1, active: 1, rulesOnly: false }],
    models: [{ name: 'trees', versions: [1] }],
    lists: [{ name: 'blocked', version: 1, count: 1, of: 'person' }],
  });
});

test('an upload beyond all bounds is not read', async () => {
  const { call, objects } = await world();
  const bytes = new Uint8Array(64 * 1024 * 1024 + 1);
  await objects.put('uploads/huge', bytes);

  const upload = { key: 'uploads/huge', sha256: 'a'.repeat(64) };
  const answer = await call('PUT', '/v1/catalog/models/trees', { document: model(), file: { upload } });

  expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
});
