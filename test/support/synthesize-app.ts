import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AssayApp } from '../../lib/assay-app.ts';
import { FUNCTION_ENTRIES, functionName } from '../../lib/bundle.ts';
import { StageSchema } from '../../lib/config.ts';

// A process of its own: the CDK loads several times faster here than inside jest. Prints the three templates' resources
// as JSON. Bundles are empty, since what the functions contain does not matter to a template.
const directory = mkdtempSync(join(tmpdir(), 'assay-synth-'));
try {
  for (const entry of FUNCTION_ENTRIES) {
    mkdirSync(join(directory, functionName(entry)), { recursive: true });
    writeFileSync(join(directory, functionName(entry), 'index.cjs'), 'exports.handler = async () => {};');
  }
  const catalogFile = join(directory, 'catalog.json');
  writeFileSync(catalogFile, '{}');
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  const stage = StageSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  const outdir = join(directory, 'out');
  const app = { context, stageName: 'test', stage, bundles: directory, catalogFile, root: directory, outdir };
  const assembly = new AssayApp(app).synth();
  const resources = (id: string): unknown => assembly.getStackArtifact(id).template.Resources;
  const templates = {
    data: resources('Data'),
    service: resources('Service'),
    operations: resources('Operations'),
  };
  process.stdout.write(JSON.stringify(templates));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
