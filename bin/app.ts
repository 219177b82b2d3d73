import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { App } from 'aws-cdk-lib';

import { AssayApp } from '../lib/assay-app.ts';
import { bundleFunctions } from '../lib/bundle.ts';
import { readStage } from '../lib/config.ts';
import { compileCatalog } from './catalog/compile.ts';
import { writeBillOfMaterials } from './dependencies/bill-of-materials.ts';

/**
 * The CDK entry: bundles the functions, compiles the catalog, and synthesizes the stage's stacks.
 *
 * Context: `stage` (default `dev`), `stages` (the configuration file), `catalog` (the folder of event types,
 * detectors, lists and models).
 */
const main = async (): Promise<void> => {
  const root = resolve(import.meta.dirname, '..');
  // Only to read the context: an app that synthesized itself at exit would replace what the real one wrote.
  const { node } = new App({ analyticsReporting: false, autoSynth: false });
  const option = (name: string, fallback: string): string => String(node.tryGetContext(name) ?? fallback);
  const stageName = option('stage', 'dev');
  const build = join(root, 'build', stageName);
  const bundles = join(build, 'functions');
  const catalogFile = join(build, 'catalog.json');

  const stage = readStage(resolve(root, option('stages', 'lib/stages.yaml')), stageName);
  await bundleFunctions(root, bundles);
  mkdirSync(build, { recursive: true });
  writeFileSync(catalogFile, compileCatalog(resolve(root, option('catalog', 'catalog'))));
  const app = new AssayApp({ stageName, stage, bundles, catalogFile, root });
  // Not for the embedded cloud, which starts in seconds: cdk-nag alone takes as long to load as all the rest.
  if (process.env.CDK_VALIDATION === 'false') return void app.synth();
  (await import('../lib/compliance/gates.ts')).addGates(app, stage);
  writeBillOfMaterials(root, app.synth().directory);
};

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
