import { readFileSync, writeFileSync } from 'node:fs';

import { type CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';

import { type JudgedTemplate, statefulOf } from './refusals.ts';

const TemplateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      DeletionPolicy: z.string().optional(),
      Properties: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

const ReleaseSchema = z.strictObject({ release: z.string(), stacks: z.record(z.string(), TemplateSchema) });

/** What a release keeps: the stateful resources of its stacks, by part (`Data`, `Service`, …). */
export type Release = z.infer<typeof ReleaseSchema>;

/** Which part of Assay a stack is: the last word of its name. */
export const partOf = (stackName: string): string => stackName.split('-').at(-1) ?? stackName;

/** @throws {Error} that says how to make one. */
export const readRelease = (file: string): Release => {
  try {
    return ReleaseSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file} is no release; write one with 'assay upgrade baseline'`, { cause });
  }
};

export const writeRelease = (
  file: string,
  release: string,
  stacks: readonly { name: string; template: JudgedTemplate }[],
): void => {
  const parts = stacks.map(({ name, template }) => [partOf(name), statefulOf(template)] as const);
  const kept = Object.fromEntries(parts.filter(([, { Resources }]) => Object.keys(Resources).length > 0));
  writeFileSync(file, `${JSON.stringify({ release, stacks: kept }, null, 2)}\n`);
};

/** A template as it is deployed; undefined before the first deployment, and while its change set only waits for review. */
export const deployedTemplate = async (
  client: CloudFormationClient,
  stackName: string,
): Promise<JudgedTemplate | undefined> => {
  try {
    const { TemplateBody = '' } = await client.send(
      new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Original' }),
    );
    return TemplateBody === '' ? undefined : TemplateSchema.parse(JSON.parse(TemplateBody));
  } catch (cause) {
    if (cause instanceof Error && /does not exist|REVIEW_IN_PROGRESS/.test(cause.message)) return undefined;
    const remedy = 'check AWS_REGION and your credentials, which need cloudformation:GetTemplate';
    throw new Error(`the template of ${stackName} cannot be read: ${(cause as Error).message}; ${remedy}`, { cause });
  }
};
