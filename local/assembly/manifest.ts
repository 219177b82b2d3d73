import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { DeploymentError } from '../errors.ts';
import { inOrder } from './order.ts';
import { type Template, TemplateSchema } from './template.ts';

/** One stack of an assembly. */
export interface AssemblyStack {
  readonly name: string;
  readonly template: Template;
  /** Undefined when the stack does not say: it goes wherever it is deployed. */
  readonly accountId: string | undefined;
  readonly region: string | undefined;
}

/** One file asset and where the templates expect it; names still hold `${AWS::AccountId}` and the like. */
export interface AssetSource {
  readonly hash: string;
  /** Absolute path of a file or a folder. */
  readonly path: string;
  readonly packaging: 'zip' | 'file';
  readonly destinations: readonly { readonly bucket: string; readonly key: string }[];
}

/** What `cdk synth` wrote: stacks in the order in which they deploy, and their assets. */
export interface Assembly {
  readonly stacks: readonly AssemblyStack[];
  readonly assets: readonly AssetSource[];
}

const ArtifactSchema = z.object({
  type: z.string(),
  environment: z.string().optional(),
  dependencies: z.array(z.string()).default([]),
  properties: z.record(z.string(), z.unknown()).default({}),
});

const ManifestSchema = z.object({ artifacts: z.record(z.string(), ArtifactSchema).default({}) });

const AssetManifestSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({
          path: z.string('assets made by a command while deploying are not emulated; make them while synthesizing'),
          packaging: z.enum(['zip', 'file']).default('file'),
        }),
        destinations: z.record(z.string(), z.object({ bucketName: z.string(), objectKey: z.string() })),
      }),
    )
    .default({}),
  dockerImages: z
    .record(z.string(), z.unknown())
    .default({})
    .refine(
      (images) => Object.keys(images).length === 0,
      'container images are not emulated; package code as a folder',
    ),
});

type Artifact = z.infer<typeof ArtifactSchema>;

/**
 * Reads a cloud assembly of the CDK, nested ones (stages) included.
 *
 * @param directory - the folder with `manifest.json`.
 * @throws {DeploymentError} naming the file and what is wrong with it.
 */
export const readAssembly = (directory: string): Assembly => {
  const folder = resolve(directory);
  const manifest = readJson(join(folder, 'manifest.json'), ManifestSchema, 'synthesize the app first');
  const artifacts = new Map(Object.entries(manifest.artifacts));
  const order = inOrder(
    [...artifacts.keys()],
    (id) => (artifacts.get(id)?.dependencies ?? []).filter((dependency) => artifacts.has(dependency)),
    'stacks depend on each other in a circle',
  );

  const stacks: AssemblyStack[] = [];
  const assets: AssetSource[] = [];
  for (const id of order) {
    const artifact = artifacts.get(id) as Artifact;
    if (artifact.type === 'aws:cloudformation:stack') stacks.push(readStack(folder, id, artifact));
    if (artifact.type === 'cdk:asset-manifest') assets.push(...readAssets(folder, artifact));
    if (artifact.type === 'cdk:cloud-assembly') {
      const nested = readAssembly(join(folder, textIn(artifact, 'directoryName')));
      stacks.push(...nested.stacks);
      assets.push(...nested.assets);
    }
  }
  return { stacks, assets };
};

const readStack = (folder: string, id: string, artifact: Artifact): AssemblyStack => {
  const path = join(folder, textIn(artifact, 'templateFile'));
  const [account, region] = (artifact.environment ?? '').replace(/^aws:\/\//, '').split('/');
  const stated = (value: string | undefined) => (value && !value.startsWith('unknown-') ? value : undefined);
  return {
    name: String(artifact.properties.stackName ?? id),
    template: readJson(path, TemplateSchema, 'synthesize the app again'),
    accountId: stated(account),
    region: stated(region),
  };
};

const readAssets = (folder: string, artifact: Artifact): AssetSource[] => {
  const path = join(folder, textIn(artifact, 'file'));
  const { files } = readJson(path, AssetManifestSchema, 'synthesize the app again');
  return Object.entries(files)
    .filter(([, { source }]) => !source.path.endsWith('.template.json'))
    .map(([hash, { source, destinations }]) => ({
      hash,
      path: join(folder, source.path),
      packaging: source.packaging,
      destinations: Object.values(destinations).map(({ bucketName, objectKey }) => ({
        bucket: bucketName,
        key: objectKey,
      })),
    }));
};

const textIn = (artifact: Artifact, property: string): string => {
  const value = artifact.properties[property];
  if (typeof value !== 'string') throw new DeploymentError(`manifest.json: an artifact has no ${property}`);
  return value;
};

const readJson = <Schema extends z.ZodType>(path: string, schema: Schema, remedy: string): z.output<Schema> => {
  if (!existsSync(path)) throw new DeploymentError(`${path} is missing; ${remedy}`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DeploymentError(`${path} is not JSON; ${remedy}`, { cause });
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new DeploymentError(`${path} cannot be used here:\n${z.prettifyError(parsed.error)}`);
};
