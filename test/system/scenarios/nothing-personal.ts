import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile } from '../../support/system-files.ts';
import { anOrder, sendSigned } from '../../support/system-requests.ts';

/** Valid by Luhn, issuer and length, as it is written and as it is stored. */
const CARD = '4556737586899855';
const CARD_IN_GROUPS = '4556 7375 8689 9855';
const EMAIL = 'planted.person@planted-mail.example';
const CUSTOMER = 'planted-customer-7731';
const PLANTED = [CARD, CARD_IN_GROUPS, EMAIL, CUSTOMER];

const personal = (eventId: string) => ({
  ...anOrder(eventId),
  entities: { customer: CUSTOMER, device: 'device-1' },
  variables: { amount: 100, email: EMAIL },
});

/** What is personal or secret goes no further than the door: after all, nothing on the disk holds it. */
export const nothingPersonal = (systemOf: () => TestSystem): void =>
  describe('of what came in by file and by API', () => {
    let file: string;

    beforeAll(async () => {
      const system = systemOf();
      const { client } = system;
      const decide = (event: object) => client.call('POST', 'v1/decisions', { event });
      const event = personal('personal-1');
      expect(await decide(event)).toMatchObject({ status: 200 });
      // Refused at each place where a card number may hide.
      const withCard = [
        { ...event, eventId: CARD },
        { ...event, entities: { customer: CARD, device: 'device-1' } },
        { ...event, variables: { amount: 1, note: `pay with ${CARD_IN_GROUPS} please` } },
      ];
      for (const refused of withCard) expect(await decide(refused)).toMatchObject({ status: 422 });
      expect(await client.call('POST', 'v1/events', { events: [personal('personal-2'), ...withCard] })).toMatchObject({
        status: 202,
        body: { accepted: 1, rejected: 3 },
      });
      const feedback = [{ eventId: CARD, eventType: 'order', label: 'fraud' }];
      expect(await client.call('POST', 'v1/feedback', { feedback })).toMatchObject({ status: 422 });
      await client.call('GET', `v1/decisions/order/${CARD}`);
      await client.call('GET', `v1/decisions?entityKind=person&entityId=${CUSTOMER}`);
      await sendSigned(system, { path: 'v1/decisions', text: `{"event": {"note": "${CARD} ${EMAIL}` });

      const now = new Date().toISOString();
      file = csvOf('event_id,occurred_at,customer,device,amount,email,note', [
        ['personal-3', now, CUSTOMER, 'd', 100, EMAIL, ''],
        ['personal-4', now, CUSTOMER, 'd', 100, EMAIL, CARD_IN_GROUPS],
        ['personal-5', now, CARD, 'd', 100, EMAIL, ''],
        [CARD, now, CUSTOMER, 'd', 100, EMAIL, ''],
        ['personal-6', EMAIL, CUSTOMER, 'd', EMAIL, EMAIL, ''],
        ['personal-7', now, CUSTOMER, 'd'],
      ]);
      const report = await endOfFile(system, await dropContent(system, 'events/order/personal.csv', file));
      expect(report).toMatchObject({
        rows: 6,
        counts: { decided: 1, quarantined: 5 },
        quarantineReasons: { card_number: 3 },
      });
    }, 60_000);

    test('nothing is in the clear in any store, log or cache, but the raw file itself', () => {
      const { directory } = systemOf();
      const files = globSync('**', { cwd: directory })
        .map((name) => join(directory, name))
        .filter((path) => statSync(path).isFile());
      const holding = files.flatMap((path) => {
        const bytes = readFileSync(path);
        const text = bytes.toString('latin1').toLowerCase();
        const found = PLANTED.filter((planted) => text.includes(planted));
        return found.length > 0 ? [{ path, found, raw: bytes.equals(Buffer.from(file)) }] : [];
      });

      expect(files.some((path) => path.endsWith('-wal'))).toBe(true);
      expect(holding.filter(({ raw }) => raw)).toHaveLength(1);
      expect(holding.filter(({ raw }) => !raw)).toEqual([]);
    });

    test('a person is found by the id that nobody has kept', async () => {
      const path = `v1/decisions?entityKind=person&entityId=${CUSTOMER}`;

      const { body } = await systemOf().client.call('GET', path);

      const ids = (body as { decisions: { eventId: string }[] }).decisions.map(({ eventId }) => eventId);
      expect(new Set(ids)).toEqual(new Set(['personal-1', 'personal-2', 'personal-3']));
    });
  });
