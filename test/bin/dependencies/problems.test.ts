import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { BILL_OF_MATERIALS, writeBillOfMaterials } from '../../../bin/dependencies/bill-of-materials.ts';
import {
  dependencyProblems,
  INSTALL_SCRIPTS,
  type LockedPackage,
  type Lockfile,
  type Manifest,
} from '../../../bin/dependencies/problems.ts';

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const manifest: Manifest = read('package.json');
const lockfile: Lockfile = read('package-lock.json');

test('every dependency is pinned, hashed, licensed, and known if it runs scripts', () => {
  expect(Object.keys(lockfile.packages).length).toBeGreaterThan(300);
  expect(dependencyProblems(manifest, lockfile)).toEqual([]);
});

const scripts = Object.fromEntries(
  Object.keys(INSTALL_SCRIPTS).map((name) => [
    `node_modules/${name}`,
    { integrity: 'sha512-x', license: 'MIT', dev: true, hasInstallScript: true },
  ]),
);
const withPackage = (path: string, locked: LockedPackage): Lockfile => ({ packages: { ...scripts, [path]: locked } });
const SOUND: LockedPackage = { version: '1.0.0', integrity: 'sha512-abc', license: 'MIT' };
const PLATFORM = { optional: true, os: ['darwin'], cpu: ['arm64'] };

test.each<[string, string, LockedPackage, RegExp]>([
  ['without integrity', 'node_modules/a', { license: 'MIT' }, /a has no integrity/],
  ['with a weak integrity', 'node_modules/a', { ...SOUND, integrity: 'sha1-abc' }, /weaker than SHA-512/],
  ['with an address', 'node_modules/a', { ...SOUND, resolved: 'somewhere' }, /names the address/],
  ['with an unknown script', 'node_modules/a', { ...SOUND, hasInstallScript: true }, /runs a script at installation/],
  ['under the GPL', 'node_modules/a', { ...SOUND, license: 'GPL-3.0-only' }, /licence 'GPL-3.0-only'/],
  ['under two licences at once', 'node_modules/a', { ...SOUND, license: 'MIT AND GPL-3.0-only' }, /not on the list/],
  ['without licence', 'node_modules/a', { integrity: 'sha512-abc' }, /licence 'none'/],
  ['deployed under a licence for tools', 'node_modules/a', { ...SOUND, license: 'CC-BY-4.0' }, /CC-BY-4\.0/],
  ['deployed as a stub', 'node_modules/a', PLATFORM, /a has no integrity/],
  ['like a stub, for every platform', 'node_modules/@biomejs/cli-any', { optional: true }, /has no integrity/],
])('a package %s is found', (_, path, locked, message) => {
  expect(dependencyProblems({}, withPackage(path, locked)).join('\n')).toMatch(message);
});

test.each<[string, string, LockedPackage]>([
  ['sound', 'node_modules/a', SOUND],
  ['under a choice of licences', 'node_modules/a', { ...SOUND, license: '(MIT OR GPL-3.0-or-later)' }],
  ['within another', 'node_modules/a/node_modules/b', { inBundle: true, license: 'ISC' }],
  ['a tool for another platform', 'node_modules/@biomejs/cli-darwin-arm64', PLATFORM],
  ['a tool under a licence for tools', 'node_modules/a', { ...SOUND, license: 'CC-BY-4.0', dev: true }],
])('a package that is %s passes', (_, path, locked) => {
  expect(dependencyProblems({}, withPackage(path, locked))).toEqual([]);
});

test.each(['^1.0.0', '~1.0.0', 'latest', '*', '1.x', 'github:owner/name', '>=1.0.0'])(
  '%s is no exact version',
  (version) => {
    expect(dependencyProblems({ dependencies: { a: version } }, { packages: scripts })).toEqual([
      expect.stringContaining('is no exact version'),
    ]);
  },
);

test('a script that is gone does not stay on the list', () => {
  expect(dependencyProblems({}, { packages: {} })).toHaveLength(Object.keys(INSTALL_SCRIPTS).length);
});

test('installation runs no scripts', () => {
  expect(readFileSync('.npmrc', 'utf8')).toMatch(/^ignore-scripts=true$/m);
});

test('the bill of materials names every runtime package with its hash, and no tool', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assay-sbom-'));
  try {
    writeBillOfMaterials(process.cwd(), directory);
    const { bomFormat, components } = read(join(directory, BILL_OF_MATERIALS));
    const names: string[] = components.map(({ name }: { name: string }) => name);

    expect(bomFormat).toBe('CycloneDX');
    expect(names).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies ?? {})));
    expect(names).not.toContain('jest');
    for (const { purl, hashes } of components) expect([purl, hashes?.[0]?.alg]).toEqual([purl, 'SHA-512']);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
