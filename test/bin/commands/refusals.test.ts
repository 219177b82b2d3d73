import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { MemoryLakeStore } from '#adapters/memory-lake-store.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { exportCommand } from '../../../bin/commands/export.ts';
import { checkKind } from '../../../bin/commands/forget.ts';
import { redriveCommand } from '../../../bin/commands/redrive.ts';
import { scoreCommand } from '../../../bin/commands/score.ts';
import { upgradeCommand } from '../../../bin/commands/upgrade.ts';
import { checkEventType } from '../../../bin/export/check-event-type.ts';
import { cardPayment } from '../../support/scoring.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-refusals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const catalog: Pick<CatalogSnapshot, 'eventTypes'> = {
  eventTypes: {
    card_payment: { version: 1, hash: 'h', document: cardPayment() },
    assay_canary: { version: 1, hash: 'h', document: { ...cardPayment(), entities: {} } },
  },
};
const soon = () => deadlineIn(1_000);

describe('who is to be forgotten', () => {
  test.each(['person', 'terminal'])('may be of a kind that an event type has: %s', (kind) => {
    expect(() => checkKind(kind, catalog)).not.toThrow();
  });

  test.each(['persn', 'customer', '', 'constructor'])(
    'is refused with a kind that none has (%j), which is not repeated',
    (kind) => {
      const refusal = () => checkKind(kind, catalog);

      expect(refusal).toThrow('nothing was erased; there are: person, terminal. Add --former-kind');
      if (kind !== '') expect(refusal).not.toThrow(kind);
    },
  );
});

describe('an export', () => {
  const check = async (eventType: string, ...keys: string[]) => {
    const lake = new MemoryLakeStore(() => 0);
    for (const key of keys) await lake.put(key, new Uint8Array());
    return checkEventType(eventType, { lake, catalog: async () => catalog }, soon());
  };

  test('of an event type that there is not names those there are, and not the system’s own', async () => {
    await expect(check('card_paymnt')).rejects.toThrow(
      "no event type 'card_paymnt' in the catalog, nor rows of it in the lake; there are: card_payment",
    );
    await expect(check('card_paymnt')).rejects.not.toThrow('assay_canary');
  });

  test('of one that has no rows yet, or that the catalog has no more, goes on', async () => {
    await expect(check('card_payment')).resolves.toBeUndefined();
    await expect(
      check('older', 'feedback/event_type=older/date=2026-11-22/hour=09/a.parquet'),
    ).resolves.toBeUndefined();
  });

  test.each([
    [
      'a folder that is not there',
      'none/out.csv',
      /cannot write '.*out\.csv' \(ENOENT\); check that its folder exists/,
    ],
    [
      'a file as if it were a folder',
      'file/out.csv',
      /cannot write '.*out\.csv' \(ENOTDIR\); check that its folder exists/,
    ],
    ['a folder as if it were a file', 'folder.csv', /cannot write '.*folder\.csv': it is a folder; name a file in it/],
  ])('into %s is refused before anything is read', async (_, out, message) => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder.csv'), { recursive: true });
    const args = ['--event-type', 'card_payment', '--out', join(folder, out)];

    await expect(exportCommand().parseAsync(args, { from: 'user' })).rejects.toThrow(message);
  });
});

describe('a score', () => {
  test('into a folder that is not there is refused before anything is read', async () => {
    const args = [
      '--detector',
      'payments',
      '--file',
      join(folder, 'none.csv'),
      '--out',
      join(folder, 'none', 'out.csv'),
    ];

    await expect(scoreCommand().parseAsync(args, { from: 'user' })).rejects.toThrow(
      /cannot write '.*out\.csv' \(ENOENT\); check that its folder exists/,
    );
  });
});

describe('a check of an upgrade', () => {
  test.each([['check'], ['baseline', '--release', '1.0.0']])(
    'without a synthesized app says how to synthesize one (%s)',
    async (...args) => {
      const run = upgradeCommand().parseAsync([...args, '--assembly', join(folder, 'cdk.out')], { from: 'user' });

      await expect(run).rejects.toThrow("holds no synthesized app; run 'npx cdk synth -q -c stage=NAME' first");
    },
  );
});

describe('a redrive', () => {
  let said: string[];
  beforeEach(() => {
    said = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('of what is no id of a file says where ids are found', async () => {
    const command = redriveCommand().exitOverride();

    await expect(command.parseAsync(['--file', 'nope'], { from: 'user' })).rejects.toMatchObject({ exitCode: 1 });
    expect(said.join('')).toMatch(/--file must be the id of a file.*'assay drop' print it.*--queue chunks --dry-run/);
  });
});
