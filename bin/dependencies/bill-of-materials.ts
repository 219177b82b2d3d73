import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Lockfile } from './problems.ts';

/** Name of the bill of materials beside the templates. */
export const BILL_OF_MATERIALS = 'sbom.cdx.json';

interface Bill {
  readonly components: readonly { readonly 'bom-ref': string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/**
 * Writes what is deployed, as CycloneDX: every runtime package with version, hash and licence.
 *
 * From the lockfile alone, so it needs no network. Takes about a second.
 *
 * @param directory - the cloud assembly's folder.
 */
export const writeBillOfMaterials = (root: string, directory: string): void => {
  const bill: Bill = JSON.parse(
    execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const lockfile: Lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  writeFileSync(join(directory, BILL_OF_MATERIALS), `${JSON.stringify(withoutTools(bill, lockfile), null, 2)}\n`);
};

/** npm's own --omit=dev also leaves out a runtime package that some tool happens to need. */
const withoutTools = (bill: Bill, { packages }: Lockfile): Bill => {
  const deployed = new Set(
    Object.entries(packages)
      .filter(([, { dev }]) => dev !== true)
      .map(
        ([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`,
      ),
  );
  return {
    ...bill,
    components: bill.components.filter((component) => deployed.has(component['bom-ref'])),
    dependencies: bill.dependencies
      .filter(({ ref }) => deployed.has(ref) || ref.startsWith('assay@'))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((name) => deployed.has(name)) })),
  };
};
