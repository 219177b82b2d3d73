import type { APIGatewayProxyEvent, Context } from 'aws-lambda';

import { MemoryAuditArchive, MemoryObjectStore, MemoryRegistryStore } from '#adapters/memory-registry-store.ts';
import { hmacTokeniser } from '#adapters/secret-tokeniser.ts';
import { type CatalogAsset, CatalogAssetSchema } from '#domain/catalog/asset.ts';
import { valuesInListObject } from '#domain/catalog/list-object.ts';
import { type CatalogSnapshot, CatalogSnapshotSchema } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import type { CountMetric } from '#ports/telemetry.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { createHandler } from '../../../functions/administration/handler.ts';
import { publishCatalog } from '../../../functions/registrar/publish-catalog.ts';
import { stump } from '../../support/scoring.ts';

/** What a test's administrators are called. */
export const ALICE = 'arn:aws:sts::000000000000:assumed-role/Administrator/alice';

export const eventType = (changes: object = {}) => ({
  format: 1,
  eventType: 'card_payment',
  purpose: 'fraud-detection',
  entities: { customer: 'person' },
  variables: {
    amount: { type: 'money' },
    country: { type: 'category' },
    email: { type: 'email', personal: true },
  },
  ...changes,
});

export const detector = (changes: object = {}) => ({
  format: 1,
  detector: 'payments',
  eventType: 'card_payment',
  members: [{ name: 'trees', kind: 'embedded', model: 'trees' }],
  rules: {
    list: [
      { id: 'blocked', when: '$customer in @blocked', outcomes: ['decline'] },
      { id: 'large', when: '$amount > 500', outcomes: ['review'] },
    ],
    otherwise: ['approve'],
  },
  ...changes,
});

export const model = (changes: object = {}) => ({
  format: 1,
  model: 'trees',
  eventType: 'card_payment',
  kind: 'xgboost',
  file: 'trees.json',
  inputs: [{ name: 'amount', kind: 'number' }],
  ...changes,
});

export const fileOf = (bytes: Uint8Array | string) => ({
  sha256: sha256Hex(bytes),
  base64: Buffer.from(bytes).toString('base64'),
});

/** The catalog of a checkout. */
export const anAsset = (changes: Partial<Record<keyof CatalogAsset, unknown>> = {}): CatalogAsset =>
  CatalogAssetSchema.parse({
    format: 1,
    eventTypes: [eventType()],
    detectors: [detector()],
    lists: [{ format: 1, list: 'blocked', of: 'person', values: ['c-1'] }],
    models: [{ document: model(), file: fileOf(stump()) }],
    references: [],
    switches: { format: 1, rulesOnly: [] },
    ...changes,
  });

export interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of all routes
  readonly body: any;
}

/** An administration over memory, whose catalog a deployment has brought. @param asset - null: none has yet. */
export const world = async (asset: CatalogAsset | null = anAsset()) => {
  const state = { nowMs: Date.parse('2026-11-22T10:00:00Z'), keys: ['k'.repeat(32)] };
  const registry = new MemoryRegistryStore();
  const archive = new MemoryAuditArchive();
  const objects = new MemoryObjectStore();
  const counted = new Map<CountMetric, number>();
  const metrics = {
    count: (name: CountMetric, value = 1) => void counted.set(name, (counted.get(name) ?? 0) + value),
    duration: () => {},
    flush: () => {},
  };
  const tokeniser = () => hmacTokeniser({ current: state.keys.length, keys: state.keys });
  const ports = {
    registry,
    audit: registry,
    archive,
    objects,
    tokeniser: { current: async () => tokeniser() },
    clock: { nowMs: () => state.nowMs },
  };
  const handler = createHandler(ports, { metrics, loggers: () => silentLogger });
  const deploy = (next: CatalogAsset) =>
    publishCatalog(next, deadlineIn(5_000), { ...ports, metrics, logger: silentLogger });
  if (asset) await deploy(asset);

  const call = async (
    method: 'GET' | 'PUT',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    who: string | null = ALICE,
  ): Promise<Answer> => {
    const [route = '', query = ''] = path.split('?');
    const { resource, pathParameters } = resourceOf(route);
    const event = {
      httpMethod: method,
      resource,
      pathParameters,
      queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      isBase64Encoded: false,
      requestContext: { requestId: 'r-1', identity: { userArn: who } },
    } as unknown as APIGatewayProxyEvent;
    const answer = await handler(event, { getRemainingTimeInMillis: () => 29_000, awsRequestId: 'a' } as Context);
    return { status: answer.statusCode, etag: answer.headers.etag, body: JSON.parse(answer.body) };
  };
  const active = async (): Promise<CatalogSnapshot> => {
    const bytes = await objects.get((await registry.head())!.snapshotKey);
    return CatalogSnapshotSchema.parse(JSON.parse(Buffer.from(bytes!).toString()));
  };
  /** The values of a list as they stand now. */
  const valuesOf = async (name: string) => {
    const list = (await active()).lists[name];
    return list && 'values' in list ? valuesInListObject((await objects.get(list.values.key))!) : undefined;
  };
  const entries = () => [...archive.entries.values()];
  const tokens = (value: string) => tokeniser().tokens('person', value);
  return { state, call, deploy, active, valuesOf, entries, counted, objects, registry, ports, tokens };
};

const RESOURCES = [
  '/v1/catalog',
  '/v1/catalog/event-types/{name}',
  '/v1/catalog/models/{name}',
  '/v1/catalog/detectors/{name}',
  '/v1/catalog/detectors/{name}/activation',
  '/v1/catalog/references/{name}',
  '/v1/lists/{name}',
  '/v1/switches/{detector}',
];

/** As the gateway takes a path apart. */
const resourceOf = (path: string) => {
  for (const resource of RESOURCES) {
    const match = new RegExp(`^${resource.replace(/\{(\w+)\}/, '(?<$1>[^/]+)')}$`).exec(path);
    if (match) return { resource, pathParameters: { ...match.groups } };
  }
  throw new Error(`no resource has the path ${path}`);
};
