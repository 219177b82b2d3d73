import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readXgboost, type TreeModel } from '#model/xgboost-read.ts';
import { pythonWith } from '../python.ts';
import { type BenchReport, cpuMs, median, whole } from '../report.ts';
import { REFERENCE, referenceModel, referenceRows } from './reference-model.ts';

const ROWS = 20_000;
const REPEATS = 15;
const SINGLE_ROWS = 2_000;
/** Rows per second and microseconds for one row that are aimed at. */
const AIMS = { rowsPerSecond: 200_000, microsecondsPerRow: 5 };

interface Speed {
  readonly rowsPerSecond: number;
  readonly microsecondsPerRow: number;
}

interface XgboostSpeed extends Speed {
  readonly version: string;
  /** Margins of the first thousand rows: both must predict the same. */
  readonly margins: readonly number[];
}

/** Speed of tree inference on one thread, in CPU time; beside XGBoost's where Python has it. About ten seconds. */
export const benchInference = (): BenchReport => {
  const json = referenceModel(1);
  const rows = referenceRows(ROWS, 1);
  const model = readXgboost(Buffer.from(json));
  const ours = measure(model, rows);
  const theirs = xgboost(json, rows);
  if (theirs) checkEqual(model, rows, theirs.margins);
  return report(ours, theirs);
};

const measure = (model: TreeModel, rows: Float32Array): Speed => {
  const into = new Float32Array(ROWS);
  const batch = (): number => cpuOf(() => model.predictMargins(rows, into));
  const one = (row: number): Float32Array => rows.subarray(row * REFERENCE.features, (row + 1) * REFERENCE.features);
  const singles = (): number =>
    cpuOf(() => {
      for (let row = 0; row < SINGLE_ROWS; row++) model.predictMargin(one(row));
    });
  batch();
  singles();
  const batchMs = Array.from({ length: REPEATS }, batch);
  const singlesMs = Array.from({ length: REPEATS }, singles);
  return {
    rowsPerSecond: (ROWS * 1_000) / median(batchMs),
    microsecondsPerRow: (median(singlesMs) * 1_000) / SINGLE_ROWS,
  };
};

const cpuOf = (work: () => void): number => {
  const started = cpuMs();
  work();
  return cpuMs() - started;
};

/** XGBoost's own speed in the same run. @returns undefined where Python has no XGBoost. */
const xgboost = (json: string, rows: Float32Array): XgboostSpeed | undefined => {
  const python = pythonWith('numpy', 'xgboost');
  if (!python) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    const [modelFile, rowsFile] = [join(folder, 'model.json'), join(folder, 'rows.f32')];
    writeFileSync(modelFile, json);
    writeFileSync(rowsFile, rows);
    const script = join(import.meta.dirname, 'xgboost_predict.py');
    const sizes = [REFERENCE.features, REPEATS, SINGLE_ROWS].map(String);
    return JSON.parse(execFileSync(python, [script, modelFile, rowsFile, ...sizes], { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Speed counts only for the right answers. @throws {Error} at the first margin that differs by a bit. */
const checkEqual = (model: TreeModel, rows: Float32Array, margins: readonly number[]): void => {
  const ours = model.predictMargins(rows.subarray(0, margins.length * REFERENCE.features));
  const different = margins.findIndex((margin, row) => margin !== ours[row]);
  if (margins.length === 0 || different >= 0)
    throw new Error(`row ${different}: XGBoost says ${margins[different]}, Assay ${ours[different]}`);
};

const report = (ours: Speed, theirs: XgboostSpeed | undefined): BenchReport => {
  const { trees, depth, nodes, features } = REFERENCE;
  const row = (name: string, speed: Speed): string[] => [
    name,
    whole(speed.rowsPerSecond),
    `${speed.microsecondsPerRow.toFixed(1)} µs`,
  ];
  return {
    bench: 'inference',
    figures: {
      rowsPerSecond: Math.round(ours.rowsPerSecond),
      microsecondsPerRow: ours.microsecondsPerRow,
      xgboostVersion: theirs?.version ?? null,
      xgboostRowsPerSecond: theirs ? Math.round(theirs.rowsPerSecond) : null,
      xgboostMicrosecondsPerRow: theirs?.microsecondsPerRow ?? null,
    },
    columns: ['', 'rows/s, batch', 'one row'],
    rows: [row('Assay', ours), ...(theirs ? [row(`XGBoost ${theirs.version}`, theirs)] : [])],
    notes: [
      `${trees} trees, depth ${depth}, ${whole(nodes)} nodes, ${features} features; one thread, CPU time, medians of ${REPEATS}`,
      theirs
        ? 'the margins of both are equal to the bit (first 1,000 rows compared)'
        : 'XGBoost is not compared: no Python here has it (Debian: apt-get install python3-xgboost)',
    ],
    missed: [
      ...(ours.rowsPerSecond < AIMS.rowsPerSecond ? [`at least ${whole(AIMS.rowsPerSecond)} rows/s in a batch`] : []),
      ...(ours.microsecondsPerRow > AIMS.microsecondsPerRow
        ? [`at most ${AIMS.microsecondsPerRow} µs for one row`]
        : []),
    ],
  };
};
