import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import { synthesize } from '../../bin/system/synthesize.ts';
import { type BenchReport, median, whole } from '../report.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ROUNDS = 15;
/** Bytes of a bundle, and milliseconds of an import, at most. */
const AIMS = { bytes: 700_000, importMs: 170 };

interface FunctionDefinition {
  readonly name: string;
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
}

interface ColdStart {
  readonly name: string;
  readonly bytes: number;
  readonly importMs: number;
}

/** Size of every bundle, and the time that importing it takes in a fresh process. About a minute. */
export const benchCold = async (): Promise<BenchReport> => {
  const output = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  try {
    await synthesize({ root: ROOT, stageName: 'local', output, catalog: join(ROOT, 'catalog') });
    const functions = definitionsIn(output);
    if (functions.length === 0) throw new Error('the template has no function to measure');
    // Round by round, so that a busy moment of the machine meets all functions alike.
    const rounds = Array.from({ length: ROUNDS }, () => functions.map(importMs));
    const starts = functions.map(({ name, bundle }, index) => ({
      name,
      bytes: statSync(bundle).size,
      importMs: median(rounds.map((round) => round[index]!)),
    }));
    return report(starts);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
};

/** The functions of the service stack, with environments as the template gives them. */
const definitionsIn = (assembly: string): FunctionDefinition[] => {
  const manifest = readJson(join(assembly, 'manifest.json')) as { artifacts: Record<string, Artifact> };
  const { templateFile } = manifest.artifacts.Service!.properties;
  const { Resources } = readJson(join(assembly, templateFile)) as { Resources: Record<string, Resource> };
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties: { Code, Environment } }) => ({
      name: Environment.Variables.POWERTOOLS_SERVICE_NAME as string,
      bundle: join(assembly, `asset.${basename(Code.S3Key, '.zip')}`, 'index.cjs'),
      environment: Object.fromEntries(
        // What only a deployment knows, an address or a name, is some address here: nothing is called.
        Object.entries(Environment.Variables).map(([key, value]) => [
          key,
          typeof value === 'string' ? value : 'https://example.invalid/name',
        ]),
      ),
    }));
};

interface Artifact {
  readonly properties: { readonly templateFile: string };
}

interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly Code: { readonly S3Key: string };
    readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
  };
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const importMs = ({ bundle, environment }: FunctionDefinition): number => {
  const env = {
    ...environment,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_LAMBDA_FUNCTION_NAME: basename(dirname(bundle)),
  };
  return Number(execFileSync(process.execPath, [join(import.meta.dirname, 'import-time.cjs'), bundle], { env }));
};

const report = (starts: readonly ColdStart[]): BenchReport => {
  const largest = Math.max(...starts.map(({ bytes }) => bytes));
  const slowest = Math.max(...starts.map(({ importMs: ms }) => ms));
  return {
    bench: 'cold',
    figures: {
      ...Object.fromEntries(
        starts.flatMap(({ name, bytes, importMs: ms }) => [
          [`${name}.bytes`, bytes],
          [`${name}.importMs`, ms],
        ]),
      ),
      largestBytes: largest,
      slowestImportMs: slowest,
    },
    columns: ['function', 'bundle', 'import, p50'],
    rows: starts.map(({ name, bytes, importMs: ms }) => [name, `${whole(bytes / 1_000)} KB`, `${whole(ms)} ms`]),
    notes: [
      `p50 of ${ROUNDS} fresh processes each; the start of Node itself is not in it`,
      'the engine of regular expressions (151 KB) lies beside the bundles and is loaded with the first one that a rule has',
    ],
    missed: [
      ...(largest > AIMS.bytes ? [`bundles of at most ${whole(AIMS.bytes / 1_000)} KB`] : []),
      ...(slowest > AIMS.importMs ? [`imports within ${AIMS.importMs} ms`] : []),
    ],
  };
};
