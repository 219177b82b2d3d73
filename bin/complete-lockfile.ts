/**
 * Adds what `npm install` leaves out of package-lock.json, so that `npm ci` accepts it everywhere.
 *
 * npm records an optional platform binary only when it could fetch it. `npm ci` then refuses the lockfile
 * ("Missing: … from lock file") because the parent still lists the binary. A stub that names version, os and cpu
 * is enough: npm skips a binary made for another platform. Run after each `npm install`:
 *
 *     node bin/complete-lockfile.ts            # writes the stubs
 *     node bin/complete-lockfile.ts --check    # exits 1 when any is missing
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface LockedPackage {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  optionalDependencies?: Record<string, string>;
}

const LOCKFILE = 'package-lock.json';
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const wordsOf = (name: string): string[] => name.split(/[/_-]/);
const named = (name: string, known: string[]): string[] => known.filter((word) => wordsOf(name).includes(word));

const lock = JSON.parse(readFileSync(LOCKFILE, 'utf8')) as { packages: Record<string, LockedPackage> };
const stubs = new Map<string, LockedPackage>();
for (const parent of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path]) continue;
    // A name without a platform (a WebAssembly fallback, say) must still never match this machine.
    const os = named(name, SYSTEMS);
    const cpu = named(name, PROCESSORS);
    stubs.set(path, {
      version: range,
      cpu: cpu.length > 0 ? cpu : ['wasm32'],
      os: os.length > 0 ? os : ['none'],
      optional: true,
    });
  }
}

if (process.argv.includes('--check')) {
  if (stubs.size > 0) {
    console.error(`${LOCKFILE} lacks ${[...stubs.keys()].join(', ')}; run: node bin/complete-lockfile.ts`);
    process.exit(1);
  }
} else {
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(stubs) });
  packages.sort(([left], [right]) => (left < right ? -1 : 1));
  lock.packages = Object.fromEntries(packages);
  writeFileSync(LOCKFILE, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${LOCKFILE}: ${stubs.size} stub(s) added`);
}
