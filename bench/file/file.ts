import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { type BenchReport, whole } from '../report.ts';
import type { Throughput } from './throughput.ts';

/** Heap that ingestion has, in a process that may take {@link AIMS.peakMb}. */
const HEAP_MB = 256;
const AIMS = { eventsPerSecond: 1_000, peakMb: 512 };

export interface FileOptions {
  /** Size of the file that ingestion reads while its memory is watched. */
  readonly megabytes: number;
  readonly onProgress: (what: string) => void;
}

/** From drop to results file, relaxed and strict; and what memory a large file takes. A minute, and ten more for 1 GB. */
export const benchFile = async ({ megabytes, onProgress }: FileOptions): Promise<BenchReport> => {
  onProgress('the sample in relaxed order');
  const relaxed = printedBy<Throughput>('one-ordering.ts', 'relaxed');
  onProgress('the sample in strict order');
  const strict = printedBy<Throughput>('one-ordering.ts', 'strict');
  onProgress(`ingestion of ${megabytes} MB`);
  const memory = megabytes > 0 ? measureMemory(megabytes) : undefined;
  return report(relaxed, strict, memory && { ...memory, megabytes });
};

interface Memory {
  readonly rows: number;
  readonly seconds: number;
  readonly peakMb: number;
}

/** What a script of this folder measures in a process of its own. */
const printedBy = <Measured>(script: string, argument: string, options: readonly string[] = []): Measured => {
  const path = join(import.meta.dirname, script);
  return JSON.parse(execFileSync(process.execPath, [...options, path, argument], { encoding: 'utf8' })) as Measured;
};

const measureMemory = (megabytes: number): Memory => {
  const { status, ...memory } = printedBy<Memory & { status?: string }>('ingest-memory.ts', String(megabytes), [
    // Without a bound, Node collects when it pleases, and the peak says nothing of what is needed.
    `--max-old-space-size=${HEAP_MB}`,
  ]);
  if (status !== 'settling') throw new Error(`ingestion left the file ${status}: there is nothing to measure`);
  return memory;
};

const perSecond = ({ rows, seconds }: Throughput): number => rows / seconds;

const perEvent = ({ used, decided }: Throughput) => {
  const sum = (entries: Readonly<Record<string, number>>, has: (name: string) => boolean): number =>
    Object.entries(entries).reduce((total, [name, count]) => total + (has(name) ? count : 0), 0) / decided;
  return {
    calls: sum(used.calls, (name) => name.startsWith('dynamodb:')),
    writeUnits: sum(used.units, (name) => name.endsWith('.write')),
    readUnits: sum(used.units, (name) => name.endsWith('.read')),
  };
};

const report = (
  relaxed: Throughput,
  strict: Throughput,
  memory: (Memory & { readonly megabytes: number }) | undefined,
): BenchReport => {
  const row = (ordering: string, run: Throughput): string[] => {
    const { calls, writeUnits, readUnits } = perEvent(run);
    return [ordering, whole(perSecond(run)), calls.toFixed(3), writeUnits.toFixed(1), readUnits.toFixed(1)];
  };
  const slowest = Math.min(perSecond(relaxed), perSecond(strict));
  const figures = (name: string, run: Throughput) => {
    const { calls, writeUnits, readUnits } = perEvent(run);
    return {
      [`${name}.eventsPerSecond`]: Math.round(perSecond(run)),
      [`${name}.dynamoDbCallsPerEvent`]: calls,
      [`${name}.writeUnitsPerEvent`]: writeUnits,
      [`${name}.readUnitsPerEvent`]: readUnits,
    };
  };
  return {
    bench: 'file',
    figures: {
      ...figures('relaxed', relaxed),
      ...figures('strict', strict),
      ingestedMegabytes: memory?.megabytes ?? null,
      ingestionPeakMb: memory ? Math.round(memory.peakMb) : null,
      ingestionRowsPerSecond: memory ? Math.round(memory.rows / memory.seconds) : null,
    },
    columns: ['ordering', 'events/s', 'DynamoDB calls/event', 'write units/event', 'read units/event'],
    rows: [row('relaxed', relaxed), row('strict', strict)],
    notes: [
      `${whole(relaxed.rows)} rows of the sample, two detectors, from drop to results file, on the embedded cloud`,
      'calls and units are those of all functions, streams to bus and lake included',
      memory
        ? `ingestion of ${whole(memory.megabytes)} MB (${whole(memory.rows)} rows): at most ${whole(memory.peakMb)} MB of memory, Node and the benchmark itself included`
        : 'memory of ingestion was not measured (--megabytes 0)',
    ],
    missed: [
      ...(slowest < AIMS.eventsPerSecond ? [`at least ${whole(AIMS.eventsPerSecond)} events/s in both orders`] : []),
      ...(memory && memory.peakMb > AIMS.peakMb ? [`at most ${AIMS.peakMb} MB for ingestion`] : []),
    ],
  };
};
