import { afterAll, beforeAll } from '@jest/globals';

import { startSystem, type TestSystem } from '../support/system.ts';
import { type Assembly, synthesizeSystem } from '../support/system-assembly.ts';
import { batches } from './scenarios/batches.ts';
import { deadChunk } from './scenarios/dead-chunk.ts';
import { decisions } from './scenarios/decisions.ts';
import { failingEndpoint } from './scenarios/failing-endpoint.ts';
import { failingStore } from './scenarios/failing-store.ts';
import { killed } from './scenarios/killed.ts';
import { nothingPersonal } from './scenarios/nothing-personal.ts';
import { otherFiles } from './scenarios/other-files.ts';
import { paymentFile } from './scenarios/payment-file.ts';
import { refusals } from './scenarios/refusals.ts';

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
decisions(running);
batches(running);
refusals(running);
failingEndpoint(running);
failingStore(running);
deadChunk(running);
// Last of those that share a cloud: by then, everything has left its traces.
nothingPersonal(running);

killed(() => {
  if (!assembly) throw new Error('nothing is synthesized');
  return assembly;
});
