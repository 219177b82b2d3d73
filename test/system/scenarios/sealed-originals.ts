import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import type { DecideAnswer } from '#domain/decide-request.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { connectPeople } from '../../../bin/system/people.ts';
import { forgetPerson } from '../../../functions/privacy/forget-person.ts';
import { revealOriginals } from '../../../functions/privacy/reveal-originals.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile, linesOf } from '../../support/system-files.ts';
import { anOrder } from '../../support/system-requests.ts';

const orderOf = (customer: string, eventId: string) => ({
  ...anOrder(eventId),
  entities: { customer, device: 'device-1' },
  variables: { amount: 100, email: `${customer}@sealed.example` },
});

/** What is personal is sealed at each door, opened by an administrator, and gone when its person's key is erased. */
export const sealedOriginals = (systemOf: () => TestSystem): void =>
  describe('what is personal', () => {
    const first = orderOf('sealed-api', 'sealed-1');
    let people: ReturnType<typeof connectPeople>;
    const reveal = (eventId: string) => revealOriginals({ eventType: 'order', eventId }, deadlineIn(10_000), people);
    const decide = (event: object) => systemOf().client.call('POST', 'v1/decisions', { event });

    beforeAll(async () => {
      const system = systemOf();
      people = connectPeople(system.system);
      expect(await decide(first)).toMatchObject({ status: 200 });
      const batch = { events: [orderOf('sealed-batch', 'sealed-2')] };
      expect(await system.client.call('POST', 'v1/events', batch)).toMatchObject({ status: 202 });
      const now = new Date().toISOString();
      const file = csvOf('event_id,occurred_at,customer,device,amount,email', [
        ['sealed-3', now, 'sealed-file', 'd', 100, 'sealed-file@sealed.example'],
        ['sealed-4', now, 'sealed-api', 'd', 100, ''],
      ]);
      const report = await endOfFile(system, await dropContent(system, 'events/order/sealed.csv', file));
      expect(report).toMatchObject({ rows: 2, counts: { decided: 2 } });
      const lines = await linesOf(system, report.resultsKey);
      expect(lines.filter(({ degraded }) => degraded?.includes('originals'))).toEqual([]);
    }, 60_000);
    afterEach(() => systemOf().cloud.faults.clear());

    test.each([
      { door: 'the API', eventId: 'sealed-1', customer: 'sealed-api' },
      { door: 'a batch', eventId: 'sealed-2', customer: 'sealed-batch' },
      { door: 'a file', eventId: 'sealed-3', customer: 'sealed-file' },
    ])('and came by $door is opened by who may', async ({ eventId, customer }) => {
      const revealed = await eventually(`${eventId} is on record`, () => reveal(eventId).catch(() => undefined));

      expect(revealed).toEqual({
        eventType: 'order',
        eventId,
        entities: { customer },
        variables: { email: `${customer}@sealed.example` },
        erased: [],
      });
    });

    test('is part neither of the answer nor of the decision’s record', async () => {
      const { body } = await systemOf().client.call('GET', 'v1/decisions/order/sealed-1?explain=true');

      expect(JSON.stringify(body)).not.toMatch(/sealed-api|"sealed"|box/);
    });

    test('stays what it was when the event comes again', async () => {
      const { dynamoDb, tableName } = systemOf();
      const Key = { pk: { S: 'E#order#sealed-1' }, sk: { S: 'EVENT' } };
      const read = async () =>
        (await dynamoDb.send(new GetItemCommand({ TableName: await tableName('EventTable'), Key }))).Item;
      const before = await read();

      expect(await decide(first)).toMatchObject({ status: 200 });

      expect(before?.sealed?.S).toContain('"box"');
      expect(await read()).toEqual(before);
    });

    test.each([
      { does: 'fail', why: 'unavailable' },
      { does: 'hang', why: 'timeout' },
    ] as const)(
      'of someone new is missing while reads $does: decided all the same, and said',
      async ({ does, why }) => {
        const eventId = `unsealed-${does}`;
        const reads = { service: 'dynamodb', operations: ['BatchGetItem'], callers: /ScoringApi/ } as const;
        const end = systemOf().cloud.faults.begin({ ...reads, does });

        const { status, body } = await decide(orderOf(`nobody-${does}`, eventId));
        end();

        expect(status).toBe(200);
        expect((body as DecideAnswer).decisions[0]).toMatchObject({
          recorded: 'committed',
          degraded: expect.arrayContaining([expect.objectContaining({ what: 'originals', why })]),
        });
        expect(await reveal(eventId)).toMatchObject({ entities: {}, variables: {}, erased: [] });
      },
    );

    test('is gone from every event of a person whose key was erased, and of nobody else', async () => {
      const erasures = await forgetPerson(
        { kind: 'person', id: 'sealed-api', by: 'ticket-17' },
        deadlineIn(10_000),
        people,
      );

      expect(erasures).toMatchObject([{ erased: true, by: 'ticket-17' }]);
      for (const eventId of ['sealed-1', 'sealed-4']) {
        expect(await reveal(eventId)).toMatchObject({ entities: {}, variables: {}, erased: [erasures[0]!.person] });
      }
      expect(await reveal('sealed-3')).toMatchObject({ entities: { customer: 'sealed-file' }, erased: [] });
      const { dynamoDb, tableName } = systemOf();
      const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: await tableName('PeopleTable') }));
      const left = Items.filter(({ pk }) => pk?.S === `P#${erasures[0]!.person}`);
      expect(left.map(({ sk }) => sk?.S)).toEqual([expect.stringMatching(/^ERASED#/)]);
      people.close();
    });
  });
