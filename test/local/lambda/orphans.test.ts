import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isAlive, openLambda, until } from './support.ts';

const CODE = `exports.handler = async ({ spin, ms = 0 }) => {
  if (spin) setTimeout(() => { for (;;) {} }, 50);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return process.pid;
};`;

/** A cloud in a process of its own, which tells the ids of two environments: an idle one and one in a busy loop. */
const PROGRAM = `
  import { openLambda } from ${JSON.stringify(new URL('./support.ts', import.meta.url).href)};
  const lambda = await openLambda({}, undefined, process.argv[2]);
  for (const name of ['idle', 'busy']) await lambda.define(name, ${JSON.stringify(CODE)});
  const idle = await lambda.invoke('idle');
  const busy = await lambda.invoke('busy', { spin: true });
  process.stdout.write(JSON.stringify([idle.payload, busy.payload]) + '\\n');
`;

test('environments end with a cloud that is killed, those in a busy loop included', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'orphans-'));
  const cloud = spawn(process.execPath, ['--input-type=module-typescript', '--eval', PROGRAM, '-', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  const line = await new Promise<string>((resolve) => cloud.stdout.setEncoding('utf8').once('data', resolve));
  const pids = JSON.parse(line) as number[];
  // By now the one that is to be busy is.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const before = pids.map(isAlive);

  cloud.kill('SIGKILL');

  await until(() => !pids.some(isAlive));
  rmSync(directory, { recursive: true, force: true });
  expect(before).toEqual([true, true]);
});

test('stopping ends every environment, waits for work in hand, and refuses what comes later', async () => {
  const lambda = await openLambda({ graceMs: 2000 });
  await lambda.define('worker', CODE);
  await lambda.start();
  const { payload: pid } = await lambda.invoke('worker');
  const inHand = lambda.invoke('worker', { ms: 300 });
  await new Promise((resolve) => setTimeout(resolve, 50));

  await lambda.close();

  expect(await inHand).toMatchObject({ status: 200, payload: pid });
  expect(isAlive(pid as number)).toBe(false);
  lambda.remove();
});

test('an environment without work is ended after its time', async () => {
  const lambda = await openLambda({ idleMs: 100 });
  await lambda.define('worker', CODE);
  const { payload: pid } = await lambda.invoke('worker');

  await until(() => !isAlive(pid as number));

  expect((await lambda.invoke('worker')).payload).not.toBe(pid);
  await lambda.close();
  lambda.remove();
});
