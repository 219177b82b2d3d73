import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { compileCatalog } from '../../bin/catalog/compile.ts';
import { stump } from '../support/scoring.ts';
import { ORDER_MODELS } from '../support/system-assembly.ts';
import { synthesize } from '../support/templates.ts';
import { type Wiring, wiringOf } from './cloud/wiring.ts';

/** Folder of the checkout. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** What a cloud is brought up from, beside the functions themselves. */
export interface Prepared {
  readonly wiring: Wiring;
  readonly catalogAsset: string;
}

/** What the wiring and the catalog follow from. */
const SOURCES = [
  'lib/**/*.{ts,yaml}',
  'functions/**/environment.ts',
  'bin/catalog/*.ts',
  'catalog/**',
  'test/fixtures/catalog/**',
  'test/support/{templates,synthesize-app,scoring}.ts',
  'test/prove/{prepared,cloud/wiring}.ts',
  'package-lock.json',
];

/**
 * Wiring and catalog: the templates synthesized, and the product's own catalog with that of the test fixtures over it.
 * Takes seconds the first time; kept under `build/` until a source of it changes.
 */
export const prepare = (): Prepared => {
  const file = join(ROOT, 'build', 'prove', `${fingerprint()}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Prepared;
  const prepared: Prepared = {
    wiring: wiringOf({ ...synthesize({ existingEndpoints: ['orders-endpoint'] }) }),
    catalogAsset: compileSample(),
  };
  rmSync(join(ROOT, 'build', 'prove'), { recursive: true, force: true });
  mkdirSync(join(ROOT, 'build', 'prove'), { recursive: true });
  writeFileSync(file, JSON.stringify(prepared));
  return prepared;
};

const fingerprint = (): string => {
  const hash = createHash('sha256');
  for (const path of globSync(SOURCES, { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()) {
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
};

const compileSample = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-prove-catalog-'));
  try {
    cpSync(join(ROOT, 'catalog'), folder, { recursive: true });
    cpSync(join(ROOT, 'test', 'fixtures', 'catalog'), folder, { recursive: true });
    writeFileSync(join(folder, 'models', 'orders-stump.json'), stump(ORDER_MODELS.stump));
    return compileCatalog(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
