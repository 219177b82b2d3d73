import * as z from 'zod';

import {
  CatalogAnswerSchema,
  ChangedSchema,
  DetectorAnswerSchema,
  EventTypeAnswerSchema,
  ListAnswerSchema,
  ModelAnswerSchema,
  SwitchAnswerSchema,
} from '../../../functions/administration/answers.ts';
import {
  ActivationSchema,
  ListRequestSchema,
  NamePathSchema,
  PutDetectorSchema,
  PutEventTypeSchema,
  PutModelSchema,
  PutReferenceSchema,
  SwitchPathSchema,
  SwitchSchema,
  VersionQuerySchema,
} from '../../../functions/administration/requests.ts';
import type { Example, Route } from '../route.ts';

const tag = 'administration';
const path = NamePathSchema;

const changed = {
  changed: true,
  revision: 12,
  snapshot: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
};
const version = {
  version: 4,
  hash: changed.snapshot,
  registeredAt: '2026-11-22T10:15:00.000Z',
  writtenBy: 'deployment',
};

const eventType = {
  format: 1,
  eventType: 'payout',
  purpose: 'fraud-detection',
  entities: { payee: 'account' },
  variables: { amount: { type: 'money', required: true } },
};
const model = {
  format: 1,
  model: 'payouts-trees',
  eventType: 'payout',
  kind: 'xgboost',
  file: 'trees.ubj',
  inputs: [{ name: 'amount', kind: 'number' }],
};
const detector = {
  format: 1,
  detector: 'payouts',
  eventType: 'payout',
  rules: { list: [{ id: 'large', when: '$amount > 5000', outcomes: ['review'] }], otherwise: ['approve'] },
};

/** Every change is refused alike when another was quicker, or when the catalog would not fit together any more. */
const PRECONDITIONS = z.object({
  'if-match': z.string().optional(),
  'if-none-match': z.literal('*').optional(),
});
const CONDITIONS =
  "The answer's `etag` names the state of the document; sent back as `if-match`, it refuses the change (412) when somebody else was quicker. `if-none-match: *` makes what is new alone. Running functions see the change within ten seconds, and the audit log names who made it.";

const putting = (
  route: Pick<Route, 'path' | 'name' | 'summary' | 'description' | 'failures'> & {
    readonly body: z.ZodType;
    readonly sent: Readonly<Record<string, Example>>;
    readonly answered: object;
    readonly parameters?: z.ZodObject;
  },
): Route => ({
  method: 'put',
  path: route.path,
  name: route.name,
  tag,
  summary: route.summary,
  description: `${route.description} ${CONDITIONS}`,
  parameters: { path: route.parameters ?? path, header: PRECONDITIONS },
  body: { schema: route.body, examples: route.sent },
  answer: {
    status: 200,
    description: 'What is in force now',
    schema: ChangedSchema,
    examples: { changed: { summary: 'Changed', value: { ...changed, ...route.answered } } },
  },
  failures: ['conflict', 'precondition_failed', ...route.failures],
});

const reading = (
  route: Pick<Route, 'path' | 'name' | 'summary' | 'description'> & {
    readonly answer: z.ZodType;
    readonly shown: object;
    readonly parameters?: NonNullable<Route['parameters']>;
  },
): Route => ({
  method: 'get',
  path: route.path,
  name: route.name,
  tag,
  summary: route.summary,
  description: route.description,
  ...(route.parameters && { parameters: route.parameters }),
  answer: {
    status: 200,
    description: route.summary,
    schema: route.answer,
    examples: { shown: { summary: 'In force', value: route.shown } },
  },
  failures: route.parameters ? ['not_found'] : [],
});

export const ADMINISTRATION_ROUTES: readonly Route[] = [
  reading({
    path: '/v1/catalog',
    name: 'readCatalog',
    summary: 'All that is in force, by name',
    description: 'Event types, detectors with the version that decides, models and lists.',
    answer: CatalogAnswerSchema,
    shown: {
      revision: 12,
      snapshot: changed.snapshot,
      eventTypes: [{ name: 'payout', version: 4 }],
      detectors: [{ name: 'payouts', eventType: 'payout', newest: 4, active: 3, rulesOnly: false }],
      models: [{ name: 'payouts-trees', versions: [1, 2] }],
      lists: [{ name: 'blocked_payees', version: 7, count: 120, of: 'account' }],
    },
  }),
  reading({
    path: '/v1/catalog/event-types/{name}',
    name: 'readEventType',
    summary: 'An event type in force, and its versions',
    description: 'Each version says when it was registered, and by whom.',
    parameters: { path },
    answer: EventTypeAnswerSchema,
    shown: { name: 'payout', version: 4, document: PutEventTypeSchema.parse(eventType), versions: [version] },
  }),
  putting({
    path: '/v1/catalog/event-types/{name}',
    name: 'putEventType',
    summary: 'Register an event type and put it in force',
    description: 'Refused when a detector that is in force would not fit it any more.',
    body: PutEventTypeSchema,
    sent: { payout: { summary: 'Payouts', value: eventType } },
    answered: { name: 'payout', version: 4 },
    failures: [],
  }),
  reading({
    path: '/v1/catalog/models/{name}',
    name: 'readModel',
    summary: 'A model in its newest version, and its versions',
    description: 'The file itself is in the models bucket.',
    parameters: { path },
    answer: ModelAnswerSchema,
    shown: {
      name: 'payouts-trees',
      version: 4,
      document: model,
      sha256: changed.snapshot,
      versions: [version],
    },
  }),
  putting({
    path: '/v1/catalog/models/{name}',
    name: 'putModel',
    summary: 'Register a version of a model',
    description:
      'The file is read, and must take the inputs that the document lists. Files above 3 MB are put under `uploads/` of the models bucket first.',
    body: PutModelSchema,
    sent: {
      uploaded: {
        summary: 'A file that was uploaded before',
        value: {
          document: model,
          file: { upload: { key: 'uploads/trees.ubj', sha256: changed.snapshot } },
        },
      },
    },
    answered: { name: 'payouts-trees', version: 2 },
    failures: [],
  }),
  reading({
    path: '/v1/catalog/detectors/{name}',
    name: 'readDetector',
    summary: 'A detector, and its versions',
    description: 'The version asked for, or the one that decides, or the newest while all stand by.',
    parameters: { path, query: VersionQuerySchema },
    answer: DetectorAnswerSchema,
    shown: {
      name: 'payouts',
      version: 4,
      document: PutDetectorSchema.parse(detector),
      active: 4,
      rulesOnly: false,
      versions: [version],
    },
  }),
  putting({
    path: '/v1/catalog/detectors/{name}',
    name: 'putDetector',
    summary: 'Register a version of a detector',
    description:
      'It stands by until it is activated, which is another permission. Members without a version are pinned to the newest of their model.',
    body: PutDetectorSchema,
    sent: { payouts: { summary: 'Large payouts are looked at', value: detector } },
    answered: { name: 'payouts', version: 4, active: 3 },
    failures: [],
  }),
  putting({
    path: '/v1/catalog/detectors/{name}/activation',
    name: 'activateDetector',
    summary: 'Let a version of a detector decide, or let it stand by',
    description: 'A score reference for the version may come along, and is in force from the same moment.',
    body: ActivationSchema,
    sent: {
      activate: { summary: 'Version 4 decides', value: { version: 4 } },
      standby: { summary: 'No version decides', value: { version: null } },
    },
    answered: { name: 'payouts', version: 4, active: 4 },
    failures: ['not_found'],
  }),
  putting({
    path: '/v1/catalog/references/{name}',
    name: 'putReference',
    summary: 'Give a detector another score reference',
    description: 'As `assay calibrate` makes it, with the models that the detector has now.',
    body: PutReferenceSchema,
    sent: {
      small: {
        summary: 'Of one member, made from few events',
        value: {
          format: 1,
          detector: 'payouts',
          combine: 'mean_logit',
          members: [{ name: 'trees', modelHash: changed.snapshot, weight: 1 }],
          events: 100,
          sets: {},
        },
      },
    },
    answered: { name: 'payouts', version: 4, active: 4 },
    failures: ['not_found'],
  }),
  reading({
    path: '/v1/lists/{name}',
    name: 'readList',
    summary: 'A list without its values, and its versions',
    description: 'Values are not given out: most are tokens of what nobody has kept.',
    parameters: { path },
    answer: ListAnswerSchema,
    shown: { name: 'blocked_payees', version: 4, of: 'account', count: 120, keys: 1, versions: [version] },
  }),
  putting({
    path: '/v1/lists/{name}',
    name: 'changeList',
    summary: 'Replace the values of a list, add some, or take some away',
    description:
      'At most 100,000 values, each with or without an instant until which it counts. More than fit a request are put under `uploads/` of the models bucket first, as a JSON array.',
    body: ListRequestSchema,
    sent: {
      append: {
        summary: 'Add two, one of them for a day',
        value: { operation: 'append', values: ['A-17', { value: 'A-18', until: '2026-11-23T10:15:00Z' }] },
      },
      remove: { summary: 'Take one away', value: { operation: 'remove', values: ['A-17'] } },
      replace: { summary: 'Make a list of accounts', value: { operation: 'replace', of: 'account', values: ['A-17'] } },
    },
    answered: { name: 'blocked_payees', version: 8, count: 121 },
    failures: ['not_found'],
  }),
  reading({
    path: '/v1/switches/{detector}',
    name: 'readSwitch',
    summary: "A detector's kill switch",
    description: 'On, its rules alone decide.',
    parameters: { path: SwitchPathSchema },
    answer: SwitchAnswerSchema,
    shown: { name: 'payouts', rulesOnly: false },
  }),
  putting({
    path: '/v1/switches/{detector}',
    name: 'setSwitch',
    summary: "Turn a detector's kill switch",
    description: 'On, its models are not asked, and its rules alone decide.',
    parameters: SwitchPathSchema,
    body: SwitchSchema,
    sent: { on: { summary: 'Rules alone', value: { rulesOnly: true } } },
    answered: { name: 'payouts', rulesOnly: true },
    failures: ['not_found'],
  }),
];
