import { expect, test } from '@jest/globals';

import { CANARY_DETECTOR, CANARY_EVENT_TYPE, isReservedName } from '#domain/canary.ts';
import { type CatalogAsset, CatalogAssetSchema } from '#domain/catalog/asset.ts';
import { withSystemDocuments } from '#domain/catalog/system-documents.ts';
import { readCatalog } from '../../../../../bin/catalog/read-catalog.ts';

const starter = (): CatalogAsset => {
  const read = readCatalog('catalog', { withReferences: false });
  if (!read.ok) throw new Error('the starter catalog is not fine');
  return read.asset;
};

test("every catalog gets the canary's event type and detector, beside a team's own", () => {
  const asset = withSystemDocuments(starter());

  expect(CatalogAssetSchema.parse(asset)).toEqual(asset);
  expect(asset.eventTypes.map(({ eventType }) => eventType)).toEqual(['card_payment', CANARY_EVENT_TYPE]);
  expect(asset.detectors.find(({ detector }) => detector === CANARY_DETECTOR)).toMatchObject({
    eventType: CANARY_EVENT_TYPE,
    status: 'active',
  });
  expect(withSystemDocuments(asset)).toEqual(asset);
});

test('the canary has no entity to be looked up by, no label to learn from, and nothing personal', () => {
  const canary = withSystemDocuments(starter()).eventTypes.find(({ eventType }) => eventType === CANARY_EVENT_TYPE);

  expect(canary).toMatchObject({ entities: {}, labels: {}, purpose: 'operations' });
  expect(Object.values(canary!.variables).every(({ personal }) => !personal)).toBe(true);
});

test("what passes for the system's own is not taken over from a team", () => {
  const asset = starter();
  const [eventType] = asset.eventTypes;
  const impostor = { ...eventType!, eventType: CANARY_EVENT_TYPE };

  const { eventTypes } = withSystemDocuments({ ...asset, eventTypes: [...asset.eventTypes, impostor] });

  expect(eventTypes.filter((each) => each.eventType === CANARY_EVENT_TYPE)).toHaveLength(1);
  expect(eventTypes).not.toContainEqual(impostor);
});

test.each([
  { name: 'assay_canary', reserved: true },
  { name: 'assay-anything', reserved: true },
  { name: 'assay', reserved: false },
  { name: 'assayer', reserved: false },
  { name: 'my_assay_type', reserved: false },
])('$name is reserved: $reserved', ({ name, reserved }) => {
  expect(isReservedName(name)).toBe(reserved);
});
