import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface SynthesisOptions {
  /** Root of the checkout. */
  readonly root: string;
  readonly stageName: string;
  /** Folder that the cloud assembly is written to. */
  readonly output: string;
  /** Folder of the catalog. */
  readonly catalog: string;
  /** Stage configuration file. @default lib/stages.yaml */
  readonly stages?: string;
}

/**
 * Bundles the functions, compiles the catalog and writes the cloud assembly: what `cdk synth` does, without its
 * validation of the template, which continuous integration runs. Takes a few seconds.
 *
 * @throws {Error} with what the app printed, such as a fault in the catalog.
 */
export const synthesize = async ({ root, stageName, output, catalog, stages }: SynthesisOptions): Promise<void> => {
  mkdirSync(output, { recursive: true });
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  try {
    await promisify(execFile)(process.execPath, [join(root, 'bin', 'app.ts')], {
      cwd: root,
      env: {
        ...process.env,
        CDK_OUTDIR: output,
        CDK_VALIDATION: 'false',
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage: stageName, catalog, ...(stages && { stages }) }),
      },
    });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(stderr?.trim() || 'synthesis failed without a word', { cause: error });
  }
};
