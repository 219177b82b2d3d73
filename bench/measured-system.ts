import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { type Cloud, startCloud } from '#local/cloud.ts';
import { AssayClient } from '../bin/system/client.ts';
import { synthesize } from '../bin/system/synthesize.ts';
import { type System, systemOf } from '../bin/system/system.ts';
import { waitForCatalog } from '../bin/system/wait-for-catalog.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SERVICE_STACK = 'Assay-local-Service';

/** What the system used of AWS's services during a measurement. */
export interface Used {
  /** Calls by their action, such as `sqs:ReceiveMessage`: of functions and of what polls for them. */
  readonly calls: Readonly<Record<string, number>>;
  /** Request units of DynamoDB by table, as `EventTable.write`. */
  readonly units: Readonly<Record<string, number>>;
  /** Invocations and GB-seconds by function. Durations are this machine's. */
  readonly functions: Readonly<Record<string, { readonly invocations: number; readonly gbSeconds: number }>>;
  /** Bytes that functions wrote to their logs. */
  readonly logBytes: number;
  /** Events put on the bus. */
  readonly published: number;
}

/** The whole system on the embedded cloud, with a meter on everything that costs money. */
export interface MeasuredSystem {
  readonly system: System;
  readonly client: AssayClient;
  /** Folder of the run, removed at its end. */
  readonly directory: string;
  /** What was used since the last call of this. */
  used(): Used;
  stop(): Promise<void>;
}

/** Changes that a measurement makes to the starter catalog: by file, what its text becomes. */
export type CatalogEdits = Readonly<Record<string, (text: string) => string>>;

/** Brings the starter catalog up on the embedded cloud, state in a temporary folder. Takes about ten seconds. */
export const startMeasured = async (edits: CatalogEdits = {}): Promise<MeasuredSystem> => {
  const directory = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  const meter = createMeter();
  let cloud: Cloud | undefined;
  const stop = async () => {
    await cloud?.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const catalog = join(directory, 'catalog');
    cpSync(join(ROOT, 'catalog'), catalog, { recursive: true });
    for (const [file, edit] of Object.entries(edits)) {
      const path = join(catalog, file);
      writeFileSync(path, edit(readFileSync(path, 'utf8')));
    }
    const assembly = join(directory, 'assembly');
    await synthesize({ root: ROOT, stageName: 'local', output: assembly, catalog });
    cloud = await startCloud({ assembly, directory: join(directory, 'cloud'), ...meter.options });
    const { region, endpoint, credentials } = cloud;
    const system = systemOf(cloud.outputs[SERVICE_STACK] ?? {}, { region, endpoint, credentials });
    await waitForCatalog(system, AbortSignal.timeout(60_000));
    meter.used();
    return { system, client: new AssayClient(system), directory, used: meter.used, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** What Lambda writes at the end of each invocation. */
const REPORT = /^REPORT .*\tBilled Duration: (\d+) ms\tMemory Size: (\d+) MB/gm;

/** The value of the metric in a line of the embedded metric format. */
const PUBLISHED = /"EventsPublished":\[?(\d+)/g;

const createMeter = () => {
  const empty = () => ({
    calls: {} as Record<string, number>,
    units: {} as Record<string, number>,
    functions: {} as Record<string, { invocations: number; gbSeconds: number }>,
    logBytes: 0,
    published: 0,
  });
  let now = empty();
  const options = {
    onCall: (_: unknown, [need]: readonly { readonly action: string }[]) => {
      if (need) now.calls[need.action] = (now.calls[need.action] ?? 0) + 1;
    },
    onUnits: ({ tableName, kind, units }: { tableName: string; kind: string; units: number }) => {
      const key = `${partName(tableName)}.${kind}`;
      now.units[key] = (now.units[key] ?? 0) + units;
    },
    onLog: (functionName: string, text: string) => {
      now.logBytes += Buffer.byteLength(text);
      for (const [, count] of text.matchAll(PUBLISHED)) now.published += Number(count);
      for (const [, billedMs, memoryMb] of text.matchAll(REPORT)) {
        const key = partName(functionName);
        const known = now.functions[key] ?? { invocations: 0, gbSeconds: 0 };
        const gbSeconds = known.gbSeconds + (Number(billedMs) / 1_000) * (Number(memoryMb) / 1_024);
        now.functions[key] = { invocations: known.invocations + 1, gbSeconds };
      }
    },
  };
  const used = (): Used => {
    const taken = now;
    now = empty();
    return taken;
  };
  return { options, used };
};

/** The construct's name in a generated one: `EventTable` of `Assay-local-Data-EventTable3F3CD4B2-afce16c43156`. */
const partName = (generated: string): string =>
  /^Assay-local-(?:Data|Service)-(.+?)(?:[0-9A-F]{8})(?:-[0-9a-f]+)?$/.exec(generated)?.[1] ?? generated;
