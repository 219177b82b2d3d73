import { beforeAll, describe, expect, test } from '@jest/globals';

import { compactNow } from '../../../bin/export/compact-now.ts';
import { followFile } from '../../../bin/system/follow.ts';
import { eventually } from '../../support/eventually.ts';
import { PersonalSearch } from '../../support/personal-search.ts';
import { PLANTED } from '../../support/planted.ts';
import { anApplication, plantedFiles, refusedApplications } from '../../support/planting.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile } from '../../support/system-files.ts';
import { anOrder, sendSigned, sendUnsigned } from '../../support/system-requests.ts';

const { card: CARD, cardInGroups: CARD_IN_GROUPS, email: EMAIL, customer: CUSTOMER } = PLANTED;
/** In a file's name alone, which the inbox and its notifications hold; nothing behind them may. */
const NAME_CARD = '4539148803436467';
const NAME_EMAIL = 'named.person@planted-name.example';

const personal = (eventId: string) => ({
  ...anOrder(eventId),
  entities: { customer: CUSTOMER, device: 'device-1' },
  variables: { amount: 100, email: EMAIL },
});

/** What is personal or secret goes no further than the door: after all, nothing on the disk holds it in the clear. */
export const nothingPersonal = (systemOf: () => TestSystem, published: () => unknown = () => undefined): void =>
  describe('of what came in by file and by API', () => {
    const dropped: Buffer[] = [];
    const answers: string[] = [];

    const drop = (key: string, content: string | Uint8Array) => {
      dropped.push(Buffer.from(content));
      return dropContent(systemOf(), key, content);
    };
    const send = async (request: Parameters<typeof sendSigned>[1]) => {
      const answer = await sendSigned(systemOf(), request);
      answers.push(answer.text);
      return answer;
    };
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      send({ path, text: JSON.stringify(body), headers });

    beforeAll(async () => {
      const { client } = systemOf();
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
      await send({ path: 'v1/decisions', text: `{"event": {"note": "${CARD} ${EMAIL}` });

      const now = new Date().toISOString();
      const file = csvOf('event_id,occurred_at,customer,device,amount,email,note', [
        ['personal-3', now, CUSTOMER, 'd', 100, EMAIL, ''],
        ['personal-4', now, CUSTOMER, 'd', 100, EMAIL, CARD_IN_GROUPS],
        ['personal-5', now, CARD, 'd', 100, EMAIL, ''],
        [CARD, now, CUSTOMER, 'd', 100, EMAIL, ''],
        ['personal-6', EMAIL, CUSTOMER, 'd', EMAIL, EMAIL, ''],
        ['personal-7', now, CUSTOMER, 'd'],
      ]);
      const report = await endOfFile(systemOf(), await drop('events/order/personal.csv', file));
      expect(report).toMatchObject({
        rows: 6,
        counts: { decided: 1, quarantined: 5 },
        quarantineReasons: { card_number: 3 },
      });
    }, 60_000);

    beforeAll(async () => {
      expect(await post('v1/decisions', { event: anApplication('planted-1'), explain: true })).toMatchObject({
        status: 200,
      });
      for (const event of refusedApplications()) {
        const { status } = await post('v1/decisions', { event });
        expect({ event, refused: status >= 400 && status < 500 }).toEqual({ event, refused: true });
      }
      const events = [anApplication('planted-2'), ...refusedApplications()];
      expect(await post('v1/events', { events }, { 'idempotency-key': EMAIL })).toMatchObject({ status: 202 });
      await post('v1/events', { events: refusedApplications(), eventType: EMAIL });
    }, 60_000);

    beforeAll(async () => {
      const odd = { 'x-correlation-id': EMAIL, 'user-agent': PLANTED.agent, 'x-forwarded-for': PLANTED.ip };
      await post('v1/decisions', { event: anApplication('planted-3') }, odd);
      await post('v1/decisions', { event: anApplication('planted-4') }, { 'assay-budget-ms': EMAIL });
      await post('v1/decisions', { event: anApplication('planted-5') }, { 'content-type': `text/${PLANTED.mark}` });
      await post('v1/decisions', { event: anApplication('planted-6'), detector: EMAIL, [EMAIL]: EMAIL });
      for (const text of [EMAIL, `"${EMAIL}"`, `["${EMAIL}"]`, `{"event": "${EMAIL}"}`, `{"feedback": ["${EMAIL}"]}`]) {
        for (const path of ['v1/decisions', 'v1/events', 'v1/feedback', 'v1/lists/watched_people']) {
          await send({ path, text, method: path.includes('lists') ? 'PUT' : 'POST' });
        }
      }
      const encoded = encodeURIComponent(EMAIL);
      for (const path of [
        `v1/decisions/application/${encoded}`,
        `v1/decisions/${encoded}/planted-1`,
        `v1/decisions?entityKind=person&entityId=${encoded}`,
        `v1/decisions?entityKind=${encoded}&entityId=${encoded}&limit=${encoded}&next=${encoded}`,
        `v1/files/${encoded}`,
        `v1/lists/${encoded}`,
        `v1/${encoded}`,
      ]) {
        await send({ method: 'GET', path });
      }
      await sendUnsigned(
        systemOf(),
        `v1/decisions?who=${encoded}`,
        JSON.stringify({ event: anApplication('unsigned') }),
      );
      for (const entry of [
        { eventId: 'planted-1', eventType: 'application', label: 'fraud', comment: PLANTED.letter },
        { eventId: 'planted-1', eventType: 'application', label: EMAIL },
        { eventId: 'planted-1', eventType: 'application', action: PLANTED.name },
        { eventId: 'planted-1', eventType: 'application', label: 'fraud', source: EMAIL },
        { eventId: EMAIL, eventType: 'application', label: 'fraud' },
      ]) {
        expect(await post('v1/feedback', { feedback: [entry] })).toMatchObject({ status: expect.any(Number) });
      }
    }, 60_000);

    beforeAll(async () => {
      const list = (body: object) =>
        send({ method: 'PUT', path: 'v1/lists/watched_people', text: JSON.stringify(body) });
      expect(await list({ operation: 'replace', of: 'person', values: [CUSTOMER, PLANTED.name] })).toMatchObject({
        status: 200,
      });
      const until = new Date(Date.now() + 86_400_000).toISOString();
      expect(await list({ operation: 'append', values: [{ value: EMAIL, until }] })).toMatchObject({ status: 200 });
      expect(await list({ operation: 'remove', values: [PLANTED.name] })).toMatchObject({ status: 200 });
      await list({ operation: 'append', values: [CARD] });
      await list({ operation: EMAIL, values: [EMAIL] });
      await list({ operation: 'replace', of: EMAIL, values: [EMAIL], [EMAIL]: EMAIL });
    }, 60_000);

    beforeAll(async () => {
      const system = systemOf();
      for (const [key, content] of Object.entries(plantedFiles())) {
        const report = await endOfFile(system, await drop(key, content));
        expect({ key, status: report.status }).toEqual({ key, status: expect.stringMatching(/complete|quarantined/) });
      }
      for (const name of [NAME_EMAIL, NAME_CARD]) {
        const object = await dropContent(system, `events/order/of ${name}.csv`, 'event_id\n1\n');
        const end = followFile(system.client, object, Date.now(), () => {}, AbortSignal.timeout(45_000));
        expect(await end).toMatchObject({ status: 'quarantined', reason: 'personal_key' });
      }
    }, 60_000);

    test('nothing is in the clear or in any other form that can be read, but the raw files themselves', async () => {
      const search = new PersonalSearch();
      let raw = 0;
      await eventually('rows are in the lake', async () =>
        (await compactNow(systemOf().system)) > 0 ? true : undefined,
      );

      await search.directory(systemOf().directory, (bytes) => {
        const isRaw = dropped.some((content) => content.equals(bytes));
        raw += isRaw ? 1 : 0;
        return isRaw;
      });
      await search.look(Buffer.from(JSON.stringify(published() ?? {})), 'what was published');
      for (const answer of answers) await search.look(Buffer.from(answer), 'an answer of the API');

      expect(search.findings).toEqual([]);
      expect(raw).toBe(dropped.length);
      expect(search.searched.files).toBeGreaterThan(50);
      expect(search.searched.gzips).toBeGreaterThan(0);
      expect(search.searched.packed).toBeGreaterThan(50);
      expect(search.searched.parquets).toBeGreaterThan(0);
      expect(search.searched.rows).toBeGreaterThan(100);
    }, 60_000);

    test('a file whose name holds something personal leaves its name nowhere but in the inbox and on its way', async () => {
      const named = new PersonalSearch([NAME_EMAIL, NAME_CARD]);
      const seen: string[] = [];

      await named.directory(systemOf().directory, (_, name) => {
        const theWay = /^(s3|sqs)\//.test(name);
        if (theWay) seen.push(name);
        return theWay;
      });

      expect(seen.length).toBeGreaterThan(0);
      expect(named.findings).toEqual([]);
    });

    test('a person is found by the id that nobody has kept', async () => {
      const path = `v1/decisions?entityKind=person&entityId=${CUSTOMER}`;

      const { body } = await systemOf().client.call('GET', path);

      const ids = (body as { decisions: { eventId: string }[] }).decisions.map(({ eventId }) => eventId);
      expect(ids).toEqual(
        expect.arrayContaining(['personal-1', 'personal-2', 'personal-3', 'planted-1', 'planted-csv']),
      );
    });
  });
