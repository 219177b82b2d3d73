import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AssayApp } from '../../lib/assay-app.ts';
import { FUNCTION_ENTRIES, functionName } from '../../lib/bundle.ts';
import { type StageConfig, StageSchema } from '../../lib/config.ts';

/** A resource of a synthesized template. */
export interface TemplateResource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Record<string, unknown>;
}
export type Resources = Readonly<Record<string, TemplateResource>>;

export interface Templates {
  readonly data: Resources;
  readonly service: Resources;
  readonly operations: Resources;
}

/** Synthesizes a stage as `cdk synth` would, with empty bundles: what the functions contain does not matter here. */
export const synthesize = (stage: Partial<StageConfig> = {}): Templates => {
  const directory = mkdtempSync(join(tmpdir(), 'assay-synth-'));
  try {
    for (const entry of FUNCTION_ENTRIES) {
      mkdirSync(join(directory, functionName(entry)), { recursive: true });
      writeFileSync(join(directory, functionName(entry), 'index.cjs'), 'exports.handler = async () => {};');
    }
    const catalogFile = join(directory, 'catalog.json');
    writeFileSync(catalogFile, '{}');
    const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
    const assembly = new AssayApp({
      context,
      stageName: 'test',
      stage: StageSchema.parse({ account: '111111111111', region: 'eu-west-1', ...stage }),
      bundles: directory,
      catalogFile,
      root: directory,
      outdir: join(directory, 'out'),
    }).synth();
    const resources = (id: string): Resources => assembly.getStackArtifact(id).template.Resources;
    return { data: resources('Data'), service: resources('Service'), operations: resources('Operations') };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** Resources of one type, by logical id. */
export const ofType = (resources: Resources, type: string): [string, TemplateResource][] =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

export interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
  readonly Principal?: unknown;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** Every statement of the policies in a template, with the logical id that carries it; one entry for lists of one. */
export const statementsOf = (resources: Resources): [string, Statement][] =>
  Object.entries(resources).flatMap(([id, { Properties: properties = {} }]) => {
    const inline = list(properties.Policies).map((policy) => (policy as { PolicyDocument: unknown }).PolicyDocument);
    return [properties.PolicyDocument, properties.KeyPolicy, ...inline]
      .filter((document) => document !== undefined)
      .flatMap((document) => list((document as { Statement: unknown }).Statement))
      .map((statement): [string, Statement] => {
        const { Effect, Action, Resource, Principal } = statement as Record<string, unknown>;
        return [id, { Effect: String(Effect), Action: list(Action).map(String), Resource: list(Resource), Principal }];
      });
  });
