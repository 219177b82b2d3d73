import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

const assay = (...args: string[]) =>
  spawnSync(process.execPath, [join('bin', 'assay.ts'), ...args], { encoding: 'utf8' });

test("--version behind a command is the command's own, and never ends it unheard", () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-program-'));
  try {
    const { status, stdout, stderr } = assay('detector', 'activate', 'd', '--version', '2', '--data-dir', folder);

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^error: no system runs on .*; start one with 'npm start'/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
