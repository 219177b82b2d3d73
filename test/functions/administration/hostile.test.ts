import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { stump } from '../../support/scoring.ts';
import { anAsset, detector, eventType, fileOf, model, world } from './world.ts';

const BODIES: readonly (readonly [path: string, body: object])[] = [
  ['/v1/catalog/event-types/card_payment', eventType({ labels: { fraud: ['1'] }, columns: { amount: 'betrag' } })],
  ['/v1/catalog/detectors/payments', detector({ whenDegraded: { from: 'rules', outcomes: ['review'] } })],
  ['/v1/catalog/detectors/payments/activation', { version: 1 }],
  ['/v1/catalog/models/trees', { document: model(), file: { base64: fileOf(stump()).base64 } }],
  ['/v1/switches/payments', { rulesOnly: true }],
  ['/v1/lists/blocked', { operation: 'append', values: ['c-2', { value: 'c-3', until: '2027-01-01T00:00:00Z' }] }],
];

/** What stands in for a part of a body. */
const strange = fc.oneof(
  fc.constantFrom(
    null,
    '',
    [],
    {},
    -1,
    0,
    1e308,
    true,
    '__proto__',
    '$amount >',
    '\ud800',
    'x'.repeat(5_000),
    '4556737586899855',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

type Path = readonly (string | number)[];
const pathsIn = (value: unknown, path: Path = []): Path[] => [
  path,
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) =>
        pathsIn(member, [...path, Array.isArray(value) ? Number(key) : key]),
      )
    : []),
];
const withPart = (value: unknown, [first, ...rest]: Path, part: unknown): unknown => {
  if (first === undefined) return part;
  if (Array.isArray(value)) return value.map((member, at) => (at === first ? withPart(member, rest, part) : member));
  return { ...(value as object), [first]: withPart((value as Record<string, unknown>)[first], rest, part) };
};

test('whatever is sent, the answer says what to change, and the catalog that stands can be read and deployed on', async () => {
  const { call, active, deploy, entries } = await world();
  const mutations = fc
    .constantFrom(...BODIES)
    .chain(([path, body]) =>
      fc.tuple(fc.constant(path), fc.constant(body), fc.constantFrom(...pathsIn(body)), strange, fc.boolean()),
    );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(mutations, async ([path, body, at, part, asItIs]) => {
      const answer = await call('PUT', path, asItIs ? body : withPart(body, at, part));

      expect([200, 400, 403, 404, 409, 413]).toContain(answer.status);
      if (answer.status === 200) taken++;
      else expect(answer.body).toMatchObject({ code: expect.any(String), detail: expect.any(String) });
      expect(JSON.stringify(answer.body)).not.toContain('4556737586899855');
    }),
    { numRuns: 300, seed: 11 },
  );

  expect(taken).toBeGreaterThan(90);
  expect((await active()).eventTypes.card_payment).toBeDefined();
  expect(await deploy(anAsset())).toMatchObject({ moved: false, refused: [] });
  expect(JSON.stringify(entries())).not.toContain('4556737586899855');
});
