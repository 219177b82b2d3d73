import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A stack for a hand-made assembly. */
export interface StackSource {
  readonly template: Readonly<Record<string, unknown>>;
  readonly dependsOn?: readonly string[];
  readonly environment?: string;
}

/** File assets by name, as text; `zip` assets are folders of files. */
export type AssetSources = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** A folder that is deleted by `remove`. */
export const temporaryFolder = (): { path: string; remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'assay-local-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** Writes a cloud assembly as `cdk synth` does, as far as it matters here; answers its folder. */
export const writeAssembly = (
  directory: string,
  stacks: Readonly<Record<string, StackSource>>,
  assets: AssetSources = {},
): string => {
  mkdirSync(directory, { recursive: true });
  const artifacts: Record<string, unknown> = {
    assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
  };
  for (const [name, { template, dependsOn = [], environment }] of Object.entries(stacks)) {
    writeFileSync(join(directory, `${name}.template.json`), JSON.stringify(template));
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment: environment ?? 'aws://unknown-account/unknown-region',
      properties: { templateFile: `${name}.template.json` },
      dependencies: ['assets', ...dependsOn],
    };
  }
  const files: Record<string, unknown> = {};
  for (const [name, content] of Object.entries(assets)) {
    const zip = typeof content !== 'string';
    const path = `asset.${name}`;
    if (zip) {
      mkdirSync(join(directory, path), { recursive: true });
      for (const [file, text] of Object.entries(content)) writeFileSync(join(directory, path, file), text);
    } else {
      writeFileSync(join(directory, path), content);
    }
    files[name] = {
      source: { path, packaging: zip ? 'zip' : 'file' },
      destinations: {
        here: {
          bucketName: 'cdk-hnb659fds-assets-$' + '{AWS::AccountId}-$' + '{AWS::Region}',
          objectKey: zip ? `${name}.zip` : name,
        },
      },
    };
  }
  writeFileSync(join(directory, 'assets.json'), JSON.stringify({ files, dockerImages: {} }));
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '55.0.0', artifacts }));
  return directory;
};

/** A role that Lambda may take on, with one inline policy. */
export const roleResource = (...statements: Readonly<Record<string, unknown>>[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
    },
    ...(statements.length > 0
      ? { Policies: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } }] }
      : {}),
  },
});
