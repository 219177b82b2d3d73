import { describe, expect, test } from '@jest/globals';

import { decidePayment } from '../../../docs/client/example.ts';
import { contradictionOf } from '../../support/openapi.ts';
import { parquetOf } from '../../support/parquet.ts';
import type { TestSystem } from '../../support/system.ts';
import { dropContent, endOfFile } from '../../support/system-files.ts';
import { aTransfer, type RawAnswer, sendSigned, sendUnsigned } from '../../support/system-requests.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

interface Asked {
  readonly what: string;
  readonly method: 'GET' | 'POST';
  /** As documented. */
  readonly path: string;
  /** As it is sent, where that is not the same. */
  readonly sent?: string;
  readonly body?: unknown;
  readonly status: number;
}

const event = aTransfer('documented');
const ASKED: readonly Asked[] = [
  { what: 'a decision', method: 'POST', path: '/v1/decisions', body: { event, explain: true }, status: 200 },
  { what: 'the same again', method: 'POST', path: '/v1/decisions', body: { event }, status: 200 },
  {
    what: 'the same id with other content',
    method: 'POST',
    path: '/v1/decisions',
    body: { event: { ...event, variables: { amount: 1 } } },
    status: 409,
  },
  { what: 'no event', method: 'POST', path: '/v1/decisions', body: { event: {} }, status: 400 },
  {
    what: 'an event on record',
    method: 'GET',
    path: '/v1/decisions/{eventType}/{eventId}',
    sent: 'v1/decisions/transfer/documented?explain=true',
    status: 200,
  },
  {
    what: 'an event that never came',
    method: 'GET',
    path: '/v1/decisions/{eventType}/{eventId}',
    sent: 'v1/decisions/transfer/never',
    status: 404,
  },
  {
    what: 'decisions on an entity',
    method: 'GET',
    path: '/v1/decisions',
    sent: 'v1/decisions?entityKind=account&entityId=payer-1&limit=2',
    status: 200,
  },
  { what: 'decisions on nobody', method: 'GET', path: '/v1/decisions', sent: 'v1/decisions', status: 400 },
  {
    what: 'a batch',
    method: 'POST',
    path: '/v1/events',
    body: { eventType: 'transfer', events: [aTransfer('documented-2'), { eventId: '' }] },
    status: 202,
  },
  {
    what: 'a file that never came',
    method: 'GET',
    path: '/v1/files/{fileId}',
    sent: `v1/files/${'0'.repeat(24)}`,
    status: 404,
  },
  {
    what: 'feedback',
    method: 'POST',
    path: '/v1/feedback',
    body: { eventId: 'documented', eventType: 'transfer', label: 'fraud', source: 'analyst' },
    status: 200,
  },
  {
    what: 'feedback that says nothing',
    method: 'POST',
    path: '/v1/feedback',
    body: { eventType: 'transfer' },
    status: 400,
  },
];

/** The API that runs is the one that `docs/openapi.json` describes, and its example for users works. */
export const documentedApi = (systemOf: () => TestSystem): void =>
  describe('the documented API', () => {
    const checked = ({ method, path }: Pick<Asked, 'method' | 'path'>, answer: RawAnswer): number => {
      const body: unknown = JSON.parse(answer.text);
      expect(contradictionOf({ method, path, ...answer, body })).toBeUndefined();
      return answer.status;
    };

    test.each(ASKED)('answers $what as documented: $status', async (asked) => {
      const { method, path, sent = path.slice(1), body, status } = asked;
      const text = body === undefined ? undefined : JSON.stringify(body);

      const answer = await sendSigned(systemOf(), {
        method,
        path: sent,
        ...(text !== undefined && { text, headers: JSON_TYPE }),
      });

      expect(checked(asked, answer)).toBe(status);
    });

    test('answers as documented who has not signed', async () => {
      const asked = { method: 'POST', path: '/v1/decisions' } as const;

      expect(checked(asked, await sendUnsigned(systemOf(), 'v1/decisions', '{}'))).toBe(403);
    });

    test('serves the client of docs/client, types, signature and all', async () => {
      const { apiUrl, region, credentials } = systemOf().system;

      const said = await decidePayment(apiUrl, { region, credentials: credentials! });

      expect(said).toMatch(/card-payments: \w+.*\((?:unlabelled|censored)\)$/);
    });

    test('tells the client of docs/client what is wrong', async () => {
      const { apiUrl, region, credentials } = systemOf().system;

      const said = await decidePayment(apiUrl, {
        region,
        credentials: { ...credentials!, secretAccessKey: 'guessed' },
      });

      expect(said).toMatch(/^forbidden: .*\(request [0-9a-f-]{36}\)$/);
    });
  });

/** Rows of Parquet, read by parts of the object, page by page. */
export const parquetFiles = (systemOf: () => TestSystem): void =>
  describe('a Parquet file', () => {
    const ids = Array.from({ length: 250 }, (_, index) => `columned-${index}`);
    const columns = [
      { name: 'event_id', type: 'STRING', data: ids },
      { name: 'occurred_at', type: 'TIMESTAMP', data: ids.map(() => new Date(Date.now() - 60_000)) },
      { name: 'payer', type: 'INT64', data: ids.map((_, index) => 9_007_199_254_740_993n + BigInt(index)) },
      { name: 'payee', type: 'STRING', data: ids.map(() => 'payee-1') },
      // The last row has none, and amounts from 1,001 on are declined.
      { name: 'amount', type: 'DOUBLE', data: ids.map((_, index) => (index === 249 ? null : 900 + index)) },
    ] as const;

    test('is decided row by row', async () => {
      const file = parquetOf(columns, { codec: 'ZSTD', rowGroupSize: 100, pageSize: 400 });

      const dropped = await dropContent(systemOf(), 'events/transfer/columned.parquet', file);

      expect(await endOfFile(systemOf(), dropped)).toMatchObject({
        status: 'complete',
        rows: 250,
        counts: { decided: 249, duplicate: 0, conflict: 0, quarantined: 1, dead: 0 },
        outcomes: { approve: 101, decline: 148 },
        quarantineReasons: { missing_field: 1 },
      });
      const { body } = await systemOf().client.call(
        'GET',
        'v1/decisions?entityKind=account&entityId=9007199254740994&limit=5',
      );
      expect(body).toMatchObject({ decisions: [{ eventId: 'columned-1' }] });
    });

    test('that is damaged is in quarantine, and says so', async () => {
      const file = parquetOf(columns).subarray(0, -30);

      const dropped = await dropContent(systemOf(), 'events/transfer/damaged.parquet', file);

      const { fileId } = await endOfFile(systemOf(), dropped);
      const { body } = await systemOf().client.call('GET', `v1/files/${fileId}`);
      expect(body).toMatchObject({ status: 'quarantined', reason: 'corrupt_parquet' });
    });
  });
