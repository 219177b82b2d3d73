import { afterAll, beforeAll, jest } from '@jest/globals';

import { CallLog } from '../support/grants.ts';
import { startSystem, type TestSystem } from '../support/system.ts';
import { type Assembly, synthesizeSystem } from '../support/system-assembly.ts';
import { administration } from './scenarios/administration.ts';
import { afterTheCommit, EventLog } from './scenarios/after-the-commit.ts';
import { batches } from './scenarios/batches.ts';
import { canary } from './scenarios/canary.ts';
import { deadChunks } from './scenarios/dead-chunks.ts';
import { decisions } from './scenarios/decisions.ts';
import { documentedApi, parquetFiles } from './scenarios/documented-api.ts';
import { failingEndpoint } from './scenarios/failing-endpoint.ts';
import { failingStore } from './scenarios/failing-store.ts';
import { faultedFiles } from './scenarios/faulted-files.ts';
import { grants } from './scenarios/grants.ts';
import { history } from './scenarios/history.ts';
import { killed } from './scenarios/killed.ts';
import { lostSnapshot } from './scenarios/lost-snapshot.ts';
import { nothingPersonal } from './scenarios/nothing-personal.ts';
import { otherFiles } from './scenarios/other-files.ts';
import { paymentFile } from './scenarios/payment-file.ts';
import { reconciler } from './scenarios/reconciler.ts';
import { refusals } from './scenarios/refusals.ts';
import { restore } from './scenarios/restore.ts';
import { sealedOriginals } from './scenarios/sealed-originals.ts';
import { seen } from './scenarios/seen.ts';
import { smoke } from './scenarios/smoke.ts';

// Files take seconds; what never ends is told by those who wait for it, within 45 seconds.
jest.setTimeout(60_000);

const log = new CallLog();
const published = new EventLog();
let assembly: Assembly | undefined;
let system: TestSystem | undefined;

beforeAll(async () => {
  assembly = await synthesizeSystem();
  system = await startSystem({ assembly, onCall: log.record, onEvent: published.record });
}, 120_000);

afterAll(async () => {
  await system?.stop();
  assembly?.remove();
});

const running = (): TestSystem => {
  if (!system) throw new Error('the system is not up');
  return system;
};

const synthesized = (): Assembly => {
  if (!assembly) throw new Error('nothing is synthesized');
  return assembly;
};

paymentFile(running);
otherFiles(running);
decisions(running);
batches(running);
history(running);
refusals(running);
documentedApi(running);
parquetFiles(running);
failingEndpoint(running);
failingStore(running);
faultedFiles(running);
deadChunks(running);
administration(running);
lostSnapshot(running);
canary(running);
seen(running);
reconciler(running);
sealedOriginals(running);
smoke(running);
// Last of those that leave traces.
nothingPersonal(running, () => published.events);
// All that ran before is what it counts.
afterTheCommit(running, published);
// Behind what compares bus and tables: what was lost and decided anew was published twice, as two decisions.
restore(running, () => published.events);
killed(synthesized, log.record);
// Last of all: what has run is what it judges by.
grants(running, log);
