import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { Decision } from '#domain/decision.ts';
import type { PageMove } from '#features/history/state/types.ts';
import type { DecisionStore } from '#ports/decision-store.ts';
import type { ProfileStore } from '#ports/profile-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { aCommit, aDecision, anEvent } from '../support/decisions.ts';

/** A store under test, empty at first, and how to see the rivals it kept. */
export interface StoreUnderTest {
  readonly store: DecisionStore;
  /** The pages that its commits move. */
  readonly profiles: ProfileStore;
  rivals(): Promise<readonly Decision[]>;
  close(): Promise<void>;
}

const soon = () => deadlineIn(5_000);

/** What every {@link DecisionStore} must do. Each test uses events of its own, so one store serves them all. */
export const decisionStoreContract = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`a decision store (${name})`, () => {
    let under: StoreUnderTest;
    const store = () => under.store;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const decisionOn = (eventId: string, overrides: Partial<Decision> = {}): Decision =>
      aDecision({ event: anEvent({ eventId }), ...overrides });

    test('has nothing of an event that it never saw', async () => {
      expect(await store().find('card_payment', ['unseen'], ['card-payments'], soon())).toEqual(new Map());
      expect(await store().byEvent('card_payment', 'unseen', soon())).toBeUndefined();
    });

    test('gives back an event with its decisions, to the last digit', async () => {
      const decision = decisionOn('whole', {
        probability: 0.1 + 0.2,
        score: 901,
        features: { ratio: 1 / 3, none: null },
      });

      expect(await store().commit([aCommit(decision)], soon())).toEqual(new Set());

      const found = await store().find('card_payment', ['whole', 'other'], ['card-payments'], soon());
      expect([...found]).toEqual([
        ['whole', { contentHash: 'hash-1', origin: 'api/request-1', decisions: [decision] }],
      ]);
    });

    test('finds the decisions of the detectors asked about, and by event those of all', async () => {
      const first = decisionOn('two');
      const second = decisionOn('two', { detector: 'sign-ins' });
      await store().commit([aCommit(first, second)], soon());

      const found = await store().find('card_payment', ['two'], ['sign-ins', 'absent'], soon());

      expect(found.get('two')?.decisions).toEqual([second]);
      const all = await store().byEvent('card_payment', 'two', soon());
      expect(all?.decisions.map(({ detector }) => detector).sort()).toEqual(['card-payments', 'sign-ins']);
      expect(all).toMatchObject({ contentHash: 'hash-1', origin: 'api/request-1' });
    });

    test('keeps an event that no detector judges', async () => {
      const { decisions: _, ...commit } = aCommit(decisionOn('unjudged'));

      await store().commit([{ ...commit, decisions: [] }], soon());

      expect((await store().byEvent('card_payment', 'unjudged', soon()))?.decisions).toEqual([]);
    });

    test('looks up more events than one request may ask for', async () => {
      const ids = Array.from({ length: 120 }, (_, index) => `many-${index}`);
      for (let at = 0; at < ids.length; at += 50) {
        await store().commit(
          ids.slice(at, at + 50).map((id) => aCommit(decisionOn(id))),
          soon(),
        );
      }

      const found = await store().find('card_payment', [...ids, ...ids], ['card-payments'], soon());

      expect([...found.keys()].sort()).toEqual([...ids].sort());
      expect([...found.values()].every(({ decisions }) => decisions.length === 1)).toBe(true);
    });

    test('refuses an event that is there, by name, and then records nothing of its group', async () => {
      const first = decisionOn('taken');
      await store().commit([aCommit(first)], soon());

      const late = decisionOn('taken', { origin: { kind: 'api', requestId: 'request-2' } });
      const refused = await store().commit([aCommit(decisionOn('beside')), aCommit(late)], soon());

      expect(refused).toEqual(new Set(['taken']));
      const found = await store().find('card_payment', ['taken', 'beside'], ['card-payments'], soon());
      expect([...found]).toEqual([['taken', { contentHash: 'hash-1', origin: 'api/request-1', decisions: [first] }]]);
    });

    test('adds the decision of a further detector once, and leaves the event as it was', async () => {
      await store().commit([aCommit(decisionOn('further'))], soon());
      const origin = { kind: 'api', requestId: 'request-2' } as const;
      const further = (decidedAt: string) => ({
        ...aCommit(decisionOn('further', { detector: 'second', origin, decidedAt })),
        eventRecorded: true,
      });

      expect(await store().commit([further('2026-11-01T11:00:00.000Z')], soon())).toEqual(new Set());
      expect(await store().commit([further('2026-11-01T12:00:00.000Z')], soon())).toEqual(new Set(['further']));

      const found = await store().byEvent('card_payment', 'further', soon());
      expect(found?.origin).toBe('api/request-1');
      expect(found?.decisions).toHaveLength(2);
    });

    test.each([
      { what: 'is not there', eventId: 'never', contentHash: 'hash-1' },
      { what: 'has other content', eventId: 'changed', contentHash: 'hash-2' },
    ])('refuses a further decision on an event that $what', async ({ eventId, contentHash }) => {
      await store().commit([aCommit(decisionOn('changed'))], soon());
      const commit = aCommit(decisionOn(eventId, { detector: 'second' }));

      const refused = await store().commit([{ ...commit, contentHash, eventRecorded: true }], soon());

      expect(refused).toEqual(new Set([eventId]));
    });

    test('lets one of many rush commits of one event through', async () => {
      const commits = Array.from({ length: 8 }, (_, index) =>
        aCommit(decisionOn('rush', { origin: { kind: 'api', requestId: `request-${index}` } })),
      );

      const refused = await Promise.all(commits.map((commit) => store().commit([commit], soon())));

      expect(refused.filter((ids) => ids.size === 0)).toHaveLength(1);
    });

    test('pages decisions on an entity, newest event first, in any of its roles and once each', async () => {
      const entities = { payer: 't1_pppppppppppppppppppppppp', payee: 't1_qqqqqqqqqqqqqqqqqqqqqqqq' };
      const kinds = { payer: 'account', payee: 'account' };
      const transfer = (eventId: string, minute: number, roles: Record<string, string>) =>
        aDecision({
          event: anEvent({
            eventId,
            eventType: 'transfer',
            occurredAt: `2026-11-02T10:0${minute}:00.000Z`,
            entities: roles,
          }),
          entityKinds: kinds,
        });
      const decisions = [
        transfer('t-1', 1, entities),
        transfer('t-2', 2, { payer: entities.payee, payee: entities.payer }),
        transfer('t-3', 3, { payer: entities.payer, payee: entities.payer }),
        transfer('t-4', 4, { payer: entities.payee, payee: entities.payee }),
      ];
      for (const decision of decisions) await store().commit([aCommit(decision)], soon());
      const entity = { kind: 'account', tokens: [entities.payer] };

      const first = await store().byEntity(entity, { limit: 2 }, soon());
      const second = await store().byEntity(entity, { limit: 2, next: first.next! }, soon());

      expect(first.decisions.map(({ event }) => event.eventId)).toEqual(['t-3', 't-2']);
      expect(second.decisions.map(({ event }) => event.eventId)).toEqual(['t-1']);
      expect(second.next).toBeUndefined();
      expect((await store().byEntity({ ...entity, kind: 'person' }, { limit: 2 }, soon())).decisions).toEqual([]);
    });

    test('finds an entity under each of its tokens, newest first all the same', async () => {
      const tokens = ['t1_kkkkkkkkkkkkkkkkkkkkkkkk', 't2_kkkkkkkkkkkkkkkkkkkkkkkk'] as const;
      const [older, newer] = tokens.map((customer, index) => {
        const occurredAt = `2026-11-01T1${index}:00:00.000Z`;
        return aDecision({ event: anEvent({ eventId: `key-${index}`, occurredAt, entities: { customer } }) });
      }) as [Decision, Decision];
      for (const decision of [older, newer]) await store().commit([aCommit(decision)], soon());
      const entity = { kind: 'person', tokens };

      const first = await store().byEntity(entity, { limit: 1 }, soon());
      const second = await store().byEntity(entity, { limit: 1, next: first.next! }, soon());

      expect([first.decisions, second.decisions]).toEqual([[newer], [older]]);
      expect(second.next).toBeUndefined();
    });

    describe('whose commits move pages', () => {
      const START_MS = Date.parse('2026-11-01T00:00:00.000Z');
      const PROFILE = '0123456789abcdef';
      const moveOf = (entity: string, more: Partial<PageMove> = {}): PageMove => ({
        profile: PROFILE,
        entity,
        startMs: START_MS,
        keepUntilMs: START_MS + 86_400_000,
        adds: new Map([['a0', 1]]),
        marks: new Map(),
        sets: new Map(),
        ...more,
      });
      const lowest = (to: number) => new Map([['b0', { to, keeps: 'lower', was: undefined }]] as const);
      const moving = (eventId: string, ...moves: readonly PageMove[]) => ({
        ...aCommit(decisionOn(eventId)),
        moves,
        profiles: [PROFILE],
      });
      const cellsOf = async (entity: string) => {
        const range = { profile: PROFILE, entity, fromMs: START_MS, toMs: START_MS };
        const [page] = await under.profiles.read([range], soon());
        return Object.fromEntries(page?.cells ?? []);
      };

      test('moves those of a whole group, one after another and several of one page', async () => {
        const group = [3, 1, 2].map((to) =>
          moving(`grouped-${to}`, moveOf('grouped', { sets: lowest(to) }), moveOf(`alone-${to}`)),
        );

        expect(await store().commit(group, soon())).toEqual(new Set());

        expect(await cellsOf('grouped')).toEqual({ a0: 3, b0: 1 });
        expect(await cellsOf('alone-2')).toEqual({ a0: 1 });
      });

      test('moves none for an event that is there, nor for what is in its group', async () => {
        await store().commit([moving('moved', moveOf('once'))], soon());

        const refused = await store().commit(
          [moving('fresh', moveOf('once')), moving('moved', moveOf('once'))],
          soon(),
        );

        expect(refused).toEqual(new Set(['moved']));
        expect(await cellsOf('once')).toEqual({ a0: 1 });
      });

      test('moves them with the first decision of a further detector, once', async () => {
        await store().commit([moving('further-moved')], soon());
        const further = {
          ...aCommit(decisionOn('further-moved', { detector: 'second' })),
          eventRecorded: true,
          moves: [moveOf('further')],
        };

        await store().commit([further], soon());
        await store().commit([further], soon());

        expect(await cellsOf('further')).toEqual({ a0: 1 });
      });

      test('counts every one of many at once, and keeps the least of what they set', async () => {
        const commits = Array.from({ length: 24 }, (_, at) =>
          moving(`many-moved-${at}`, moveOf('rushed', { sets: lowest((at * 7) % 24) })),
        );

        await Promise.all(commits.map((commit) => store().commit([commit], soon())));

        expect(await cellsOf('rushed')).toEqual({ a0: 24, b0: 0 });
      });

      test('lets a set go that comes too late, and does the rest', async () => {
        await store().commit([moving('early', moveOf('late', { sets: lowest(1) }))], soon());

        expect(await store().commit([moving('late', moveOf('late', { sets: lowest(2) }))], soon())).toEqual(new Set());

        expect(await cellsOf('late')).toEqual({ a0: 2, b0: 1 });
      });
    });

    test('keeps a rival beside the decision on record, once', async () => {
      const decision = decisionOn('rivalled');
      const rival = decisionOn('rivalled', { outcomes: ['decline'], origin: { kind: 'api', requestId: 'request-2' } });
      await store().commit([aCommit(decision)], soon());

      await store().keepRival(rival, soon());

      expect(await under.rivals()).toEqual([rival]);
      expect((await store().byEvent('card_payment', 'rivalled', soon()))?.decisions).toEqual([decision]);
    });
  });
};
