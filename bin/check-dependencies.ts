/**
 * Checks pins, integrity, install scripts and licences of all dependencies, from package.json and package-lock.json
 * alone: `npm run -s check:dependencies`. Exits 1 and says what to do when anything is wrong.
 */
import { readFileSync } from 'node:fs';

import { dependencyProblems } from './dependencies/problems.ts';

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const lockfile = read('package-lock.json');
const problems = dependencyProblems(read('package.json'), lockfile);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else
  console.log(`${Object.keys(lockfile.packages).length - 1} packages: pinned, hashed, licensed, and none runs scripts`);
