import { afterAll, beforeAll } from '@jest/globals';

import { startSystem, type TestSystem } from '../support/system.ts';
import { type Assembly, synthesizeSystem } from '../support/system-assembly.ts';
import { otherFiles } from './scenarios/other-files.ts';
import { paymentFile } from './scenarios/payment-file.ts';

let assembly: Assembly | undefined;
let system: TestSystem | undefined;

beforeAll(async () => {
  assembly = await synthesizeSystem();
  system = await startSystem({ assembly });
}, 120_000);

afterAll(async () => {
  await system?.stop();
  assembly?.remove();
});

const running = (): TestSystem => {
  if (!system) throw new Error('the system is not up');
  return system;
};

paymentFile(running);
otherFiles(running);
