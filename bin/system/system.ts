import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';

import { readStages, type StageConfig, stackNameOf } from '../../lib/config.ts';

/** What the command line needs to know of a running or deployed Assay. */
const SystemSchema = z.object({
  /** Ends in `/`. */
  apiUrl: z.url(),
  region: z.string(),
  inboxBucket: z.string(),
  resultBucket: z.string(),
  quarantineBucket: z.string(),
  registryTable: z.string(),
  modelBucket: z.string(),
  auditBucket: z.string(),
  lakeBucket: z.string(),
  /** ARN of the function that makes rows of what has landed in the lake. */
  lakeCompactor: z.string(),
  /** Name of the bus that tells what is committed. */
  eventBus: z.string(),
  eventTable: z.string(),
  profileTable: z.string(),
  feedbackTable: z.string(),
  fileTable: z.string(),
  peopleTable: z.string(),
  /** Addresses of the queues; each says itself where its dead letters go. */
  queues: z.object({ files: z.url(), chunks: z.url(), feedback: z.url(), pending: z.url(), streams: z.url() }),
  /** ARN of the secret with the keys of tokens. */
  tokenSecret: z.string(),
  /** The embedded cloud's address; absent for a deployment on AWS. */
  endpoint: z.url().optional(),
  /** The developer's keys of the embedded cloud; absent on AWS, where the SDK finds the caller's own. */
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }).optional(),
});
export type System = z.infer<typeof SystemSchema>;

/** Where the running embedded cloud says how to reach it. */
const noteIn = (dataDirectory: string): string => join(dataDirectory, 'system.json');

/** Leaves a note for other commands, readable by its owner alone: it holds the development keys. */
export const noteSystem = (dataDirectory: string, system: System): void =>
  writeFileSync(noteIn(dataDirectory), `${JSON.stringify(system, null, 2)}\n`, { mode: 0o600 });

/** Says that no system runs on a data directory, and how to start one. */
export const nothingRunsOn = (dataDirectory: string, cause: unknown): Error =>
  new Error(`no system runs on ${dataDirectory}; start one with 'npm start', or name a deployment by --stage`, {
    cause,
  });

/** The system that runs on this machine. @throws {Error} that says how to start one. */
export const localSystem = (dataDirectory: string): System => {
  try {
    return SystemSchema.parse(JSON.parse(readFileSync(noteIn(dataDirectory), 'utf8')));
  } catch (cause) {
    throw nothingRunsOn(dataDirectory, cause);
  }
};

/** The outputs of the service stack, as a system. @throws {Error} that names the output that is missing. */
export const systemOf = (
  outputs: Readonly<Record<string, string | undefined>>,
  place: Pick<System, 'region' | 'endpoint' | 'credentials'>,
): System => {
  const parsed = SystemSchema.safeParse({
    apiUrl: outputs.ApiUrl,
    inboxBucket: outputs.InboxBucket,
    resultBucket: outputs.ResultBucket,
    quarantineBucket: outputs.QuarantineBucket,
    registryTable: outputs.RegistryTable,
    modelBucket: outputs.ModelBucket,
    auditBucket: outputs.AuditBucket,
    lakeBucket: outputs.LakeBucket,
    lakeCompactor: outputs.LakeCompactor,
    eventBus: outputs.EventBus,
    eventTable: outputs.EventTable,
    profileTable: outputs.ProfileTable,
    feedbackTable: outputs.FeedbackTable,
    fileTable: outputs.FileTable,
    peopleTable: outputs.PeopleTable,
    queues: {
      files: outputs.FilesQueue,
      chunks: outputs.ChunksQueue,
      feedback: outputs.FeedbackQueue,
      pending: outputs.PendingQueue,
      streams: outputs.StreamsQueue,
    },
    tokenSecret: outputs.TokenSecret,
    ...place,
  });
  if (parsed.success) return parsed.data;
  throw new Error(`the service stack lacks outputs; deploy this version of Assay\n${z.prettifyError(parsed.error)}`);
};

/** Says which prefix a stage's names have. */
const STAGES = resolve(import.meta.dirname, '../../lib/stages.yaml');

/** How a stage is configured in this checkout; a stage that was deployed from another one has the defaults' names. */
export const stageNamed = (stageName: string): Pick<StageConfig, 'namePrefix'> => readStages(STAGES)[stageName] ?? {};

/** A stage deployed to AWS, found by its stack's outputs with the caller's own credentials. */
export const deployedSystem = async (stageName: string): Promise<System> => {
  const client = new CloudFormationClient({});
  const StackName = stackNameOf(stageNamed(stageName), stageName, 'Service');
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName })).catch((cause: Error) => {
    const remedy = 'check the stage, AWS_REGION and your credentials';
    throw new Error(`stack ${StackName} cannot be looked up: ${cause.message}; ${remedy}`, { cause });
  });
  const outputs = Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue }) => [OutputKey, OutputValue]),
  );
  return systemOf(outputs, { region: await client.config.region() });
};
