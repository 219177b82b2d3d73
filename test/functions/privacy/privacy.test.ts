import { describe, expect, test } from '@jest/globals';

import { MemoryDecisionStore } from '#adapters/memory-decision-store.ts';
import { hmacTokeniser } from '#adapters/secret-tokeniser.ts';
import { admitEvent } from '#domain/admit-event.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { forgetPerson } from '../../../functions/privacy/forget-person.ts';
import { revealOriginals } from '../../../functions/privacy/reveal-originals.ts';
import { cardPayment, fixedClock, NOW_MS } from '../../support/scoring.ts';
import { memorySealer } from '../../support/sealing.ts';

const KEYS = ['a key of sixteen or more', 'another key of sixteen'];
const soon = () => deadlineIn(1_000);

/** Doors that record what they admit, as they do whichever key of tokens is current. */
const setUp = () => {
  const { sealer, keys: vault } = memorySealer(fixedClock);
  const store = new MemoryDecisionStore();
  const record = async (eventId: string, customer: string, current = 1) => {
    const admission = { tokeniser: hmacTokeniser({ current, keys: KEYS }), nowMs: NOW_MS, retentionDays: 30 };
    const raw = {
      eventId,
      occurredAt: new Date(NOW_MS).toISOString(),
      entities: { customer, terminal: 'terminal-1' },
      variables: { amount: 5, email: `${customer}@mail.example` },
    };
    const admitted = admitEvent(raw, cardPayment(), admission);
    if ('problems' in admitted) throw new Error(JSON.stringify(admitted.problems));
    const { event, contentHash, originals } = admitted;
    const [sealing] = await sealer.seal([originals!], soon(), silentLogger);
    const commit = { event, contentHash, origin: `api/${eventId}`, decisions: [], eventRecorded: false, ...sealing };
    await store.commit([commit]);
  };
  const sealed = {
    sealedOf: async (eventType: string, eventId: string) =>
      (await store.byEvent(eventType, eventId)) && (store.sealedOf(eventType, eventId) ?? []),
  };
  const reveal = (eventId: string) =>
    revealOriginals({ eventType: 'card_payment', eventId }, soon(), { sealed, vault });
  const tokeniser = { current: async () => hmacTokeniser({ current: 2, keys: KEYS }) };
  const forget = (id: string) => forgetPerson({ kind: 'person', id, by: 'ticket-1' }, soon(), { tokeniser, vault });
  return { record, reveal, forget, vault, store };
};

describe('who may open it sees', () => {
  test('what was personal in an event', async () => {
    const { record, reveal } = setUp();
    await record('e-1', 'customer-1');

    expect(await reveal('e-1')).toEqual({
      eventType: 'card_payment',
      eventId: 'e-1',
      entities: { customer: 'customer-1' },
      variables: { email: 'customer-1@mail.example' },
      erased: [],
    });
  });

  test('that an event is not on record', async () => {
    await expect(setUp().reveal('never')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('nothing of an event with which nothing was sealed, as those of before', async () => {
    const { store, reveal } = setUp();
    const event = { eventId: 'old', eventType: 'card_payment', occurredAt: '', entities: {}, variables: {} };
    await store.commit([{ event, contentHash: '', origin: 'api/old', decisions: [], eventRecorded: false }]);

    expect(await reveal('old')).toMatchObject({ entities: {}, variables: {}, erased: [] });
  });
});

describe('a person who is forgotten', () => {
  test('is so under every key that their id was ever tokenised with, and nobody else is', async () => {
    const { record, reveal, forget } = setUp();
    await record('e-1', 'customer-1', 1);
    await record('e-2', 'customer-1', 2);
    await record('e-3', 'customer-2', 2);

    const erasures = await forget('customer-1');

    expect(erasures.map(({ erased }) => erased)).toEqual([true, true]);
    for (const eventId of ['e-1', 'e-2']) {
      const { entities, variables, erased } = await reveal(eventId);
      expect({ entities, variables, erased: erased.length }).toEqual({ entities: {}, variables: {}, erased: 1 });
    }
    expect(await reveal('e-3')).toMatchObject({ entities: { customer: 'customer-2' }, erased: [] });
  });

  test('may be forgotten again, and who asked is on record each time', async () => {
    const { record, forget, vault } = setUp();
    await record('e-1', 'customer-1');

    await forget('customer-1');
    await forget('customer-1');

    expect(vault.erasures.map(({ erased, by }) => [erased, by])).toEqual([
      [true, 'ticket-1'],
      [false, 'ticket-1'],
      [false, 'ticket-1'],
      [false, 'ticket-1'],
    ]);
  });
});
