import { execFileSync } from 'node:child_process';

/** Debian's Python, which has the packages of Debian where they are installed, before any other. */
const PYTHONS = ['/usr/bin/python3', 'python3'];

/** A Python that has these modules. @returns undefined where none has. */
export const pythonWith = (...modules: readonly string[]): string | undefined =>
  PYTHONS.find((python) => {
    try {
      execFileSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
