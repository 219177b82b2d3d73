import { CANARY_DETECTOR, CANARY_EVENT_TYPE, isReservedName } from '../canary.ts';
import type { CatalogAsset } from './asset.ts';
import { DetectorSchema } from './detector.ts';
import { EventTypeSchema } from './event-type.ts';

/** No entities: nothing of the canary shows where decisions are looked up by entity. No labels: nothing is learned from it. */
const CANARY_TYPE = EventTypeSchema.parse({
  format: 1,
  eventType: CANARY_EVENT_TYPE,
  description: 'What the system sends itself every few minutes, to see that decisions are made',
  purpose: 'operations',
  entities: {},
  variables: { value: { type: 'integer', required: true, min: 0, max: 1_000 } },
  labels: {},
});

const CANARY = DetectorSchema.parse({
  format: 1,
  detector: CANARY_DETECTOR,
  description: 'Declines canary events of 500 and more, and approves the others',
  eventType: CANARY_EVENT_TYPE,
  rules: {
    list: [{ id: 'high', when: '$value >= 500', outcomes: ['decline'] }],
    otherwise: ['approve'],
  },
});

/** The catalog with the system's own documents in it, in place of whatever else has a reserved name. */
export const withSystemDocuments = (asset: CatalogAsset): CatalogAsset => ({
  ...asset,
  eventTypes: [...asset.eventTypes.filter(({ eventType }) => !isReservedName(eventType)), CANARY_TYPE],
  detectors: [...asset.detectors.filter(({ detector }) => !isReservedName(detector)), CANARY],
});
