import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AssayApp } from '../../lib/assay-app.ts';
import { FUNCTION_ENTRIES, functionName } from '../../lib/bundle.ts';
import { type StageConfig, StageSchema } from '../../lib/config.ts';

/**
 * Gives a stage's app to a function, and takes its files away afterwards. Bundles and catalog are empty, since what they
 * contain does not matter to a template.
 *
 * @param given - the stage's configuration as JSON.
 */
export const withApp = <T>(given: string, use: (app: AssayApp, stage: StageConfig) => T): T => {
  const directory = mkdtempSync(join(tmpdir(), 'assay-synth-'));
  try {
    for (const entry of FUNCTION_ENTRIES) {
      mkdirSync(join(directory, functionName(entry)), { recursive: true });
      writeFileSync(join(directory, functionName(entry), 'index.cjs'), 'exports.handler = async () => {};');
    }
    const catalogFile = join(directory, 'catalog.json');
    writeFileSync(catalogFile, '{}');
    const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
    const stage = StageSchema.parse(JSON.parse(given));
    const outdir = join(directory, 'out');
    const app = new AssayApp({
      context,
      stageName: 'test',
      stage,
      bundles: directory,
      catalogFile,
      root: directory,
      outdir,
    });
    return use(app, stage);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};
