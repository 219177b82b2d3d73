import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import type * as z from 'zod';

import type { StageSchema } from '../../lib/config.ts';

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

/**
 * Synthesizes a stage as `cdk synth` would. Takes a few seconds.
 *
 * @param validated - whether with CloudFormation's own validation, which takes longer than all the rest.
 */
export const synthesize = (stage: z.input<typeof StageSchema> = {}, { validated = true } = {}): Templates => {
  const given = JSON.stringify({ account: '111111111111', region: 'eu-west-1', ...stage });
  const app = join(import.meta.dirname, 'synthesize-app.ts');
  const printed = execFileSync(process.execPath, [app, given], {
    encoding: 'utf8',
    env: validated ? process.env : { ...process.env, CDK_VALIDATION: 'false' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(printed) as Templates;
};

/** Resources of one type, by logical id. */
export const ofType = (resources: Resources, type: string): [string, TemplateResource][] =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

export interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
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
        const { Effect, Action, Resource, ...rest } = statement as Record<string, unknown>;
        return [id, { Effect: String(Effect), Action: list(Action).map(String), Resource: list(Resource), ...rest }];
      });
  });
