import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import * as yaml from 'yaml';

import { synthesize } from '../../bin/system/synthesize.ts';
import { stump } from './scoring.ts';
import { tarGzOf } from './tar.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'test', 'fixtures');

/** What an embedded cloud is brought up from. */
export interface Assembly {
  readonly path: string;
  remove(): void;
}

export interface AssemblyOptions {
  /** Stage configuration file; its stage `system` is run. @default test/fixtures/stages.yaml */
  readonly stages?: string;
  /** Folder of the catalog. @default the product's own, with that of the fixtures over it */
  readonly catalog?: string;
}

/** Probability (as log-odds) that each model of orders gives below and from its threshold on. */
export const ORDER_MODELS = {
  stump: { at: 50, below: -3, above: 2 },
  remote: { at: 80, below: -1, above: 3 },
} as const;

/** Synthesizes the app as `npm start` does; takes a few seconds, so tests of one process share one. */
export const synthesizeSystem = async ({ stages, catalog }: AssemblyOptions = {}): Promise<Assembly> => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-assembly-'));
  const path = join(folder, 'assembly');
  await synthesize({
    root: ROOT,
    stageName: 'system',
    output: path,
    catalog: catalog ?? catalogIn(join(folder, 'catalog')),
    stages: stages ?? stagesIn(folder),
  });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

const catalogIn = (folder: string): string => {
  cpSync(join(ROOT, 'catalog'), folder, { recursive: true });
  cpSync(join(FIXTURES, 'catalog'), folder, { recursive: true });
  writeFileSync(join(folder, 'models', 'orders-stump.json'), stump(ORDER_MODELS.stump));
  return folder;
};

/** The stages of the fixtures, with the archive of the endpoint's model where they say it is. */
const stagesIn = (folder: string): string => {
  const archive = join(folder, 'model.tar.gz');
  writeFileSync(archive, tarGzOf('xgboost-model', stump(ORDER_MODELS.remote)));
  const stages = yaml.parseDocument(readFileSync(join(FIXTURES, 'stages.yaml'), 'utf8'));
  stages.setIn(['stages', 'system', 'endpoints', 0, 'modelData', 'file'], archive);
  const file = join(folder, 'stages.yaml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, String(stages));
  return file;
};
