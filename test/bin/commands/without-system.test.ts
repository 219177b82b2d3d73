import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { noteSystem } from '../../../bin/system/system.ts';
import { aSystemAt } from '../../support/a-system.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-stopped-'));
const empty = mkdtempSync(join(tmpdir(), 'assay-never-'));
const file = join(folder, 'values.txt');

/** An address at which nothing listens any more. */
const stoppedAddress = async (): Promise<string> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
};

beforeAll(async () => {
  noteSystem(folder, aSystemAt(await stoppedAddress()));
  writeFileSync(file, 'a\n');
});
afterAll(() => {
  for (const each of [folder, empty]) rmSync(each, { recursive: true, force: true });
});

const commandsOn = (data: string): readonly (readonly string[])[] =>
  [
    ['audit', 'verify'],
    ['drop', file, '--event-type', 'card_payment', '--json'],
    ['export', '--event-type', 'card_payment', '--out', join(folder, 'out.csv'), '--json'],
    ['forget', '--entity', 'person', '--id', 'c-1', '--by', 'ticket-1'],
    ['forget', '--entity', 'person', '--id', 'c-1', '--by', 'ticket-1', '--former-kind'],
    ['list', 'append', 'blocked', '--file', file],
    ['redrive', '--queue', 'chunks'],
    ['reveal', '--event-type', 'card_payment', '--event-id', 'e-1'],
  ].map((args) => [...args, '--data-dir', data]);

test('where a system was stopped, or never was, commands say that none runs, and how to start one', () => {
  const commands = [folder, empty].flatMap(commandsOn);
  const { stdout, stderr } = spawnSync(process.execPath, [join('test', 'support', 'run-commands.ts')], {
    encoding: 'utf8',
    input: JSON.stringify(commands),
  });

  const told = (JSON.parse(stdout) as string[]).map((message, index) => [...commands[index]!.slice(0, 2), message]);

  expect(stderr).toBe('');
  expect(told).toEqual(
    commands.map((args) => [
      ...args.slice(0, 2),
      `no system runs on ${args.at(-1)}; start one with 'npm start', or name a deployment by --stage`,
    ]),
  );
}, 60_000);
