import { readFileSync } from 'node:fs';

import * as yaml from 'yaml';
import * as z from 'zod';

import {
  BoundarySchema,
  FirewallSchema,
  KeysSchema,
  NamePrefixSchema,
  NetworkSchema,
  ReleaseSchema,
} from './security-options.ts';

const EndpointNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9](-?[A-Za-z0-9]){0,62}$/, 'use the name of a SageMaker endpoint');

/** A SageMaker endpoint that the stage creates: model, configuration and endpoint. */
const EndpointSchema = z.strictObject({
  name: EndpointNameSchema,
  /** Container image that serves the model, such as SageMaker's XGBoost 3.x of the region. */
  image: z.string().min(1),
  /** The model's archive: a file of the checkout that is uploaded, or an object that is in S3 already. */
  modelData: z.union([
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ s3Uri: z.string().regex(/^s3:\/\/[^/]+\/.+/, 'use s3://bucket/key') }),
  ]),
  capacity: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('serverless'),
      memoryMb: z.literal([1024, 2048, 3072, 4096, 5120, 6144]).default(2048),
      maxConcurrency: z.int().min(1).max(200).default(20),
    }),
    z.strictObject({
      kind: z.literal('realtime'),
      instanceType: z.string().regex(/^ml\./, "use an instance type such as 'ml.m7g.large'"),
      instances: z.int().min(1).max(100).default(1),
    }),
  ]),
});
export type EndpointConfig = z.infer<typeof EndpointSchema>;

/** All that differs between stages. Defaults suit a first deployment. */
export const StageSchema = z
  .strictObject({
    /** Account and region; absent: those of the credentials that deploy. */
    account: z
      .string()
      .regex(/^\d{12}$/, 'use the 12 digits of an account, in quotes')
      .optional(),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "use a region such as 'eu-central-1'")
      .optional(),
    /** Days that events and decisions are kept. Older events are refused, since their repeats could not be recognised. */
    retentionDays: z.int().min(1).max(3_650).default(540),
    /** Days after which nothing of a raw file is left, older versions included. */
    inboxDays: z.int().min(3).max(365).default(30),
    /** How long entries of the audit log are locked, and whether somebody may lift the lock before (`governance`). */
    audit: z
      .strictObject({
        mode: z.enum(['governance', 'compliance']).default('governance'),
        retentionDays: z.int().min(1).max(36_500).default(2_555),
      })
      .prefault({}),
    logRetentionDays: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 400, 545, 731]).default(90),
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
    /** Milliseconds that a caller of the API waits at most who names no budget. */
    defaultBudgetMs: z.int().min(50).max(28_000).default(1_000),
    api: z
      .strictObject({
        requestsPerSecond: z.int().min(1).max(10_000).default(200),
        burst: z.int().min(1).max(5_000).default(400),
      })
      .prefault({}),
    /** How many batches of each queue are worked on at once. */
    concurrency: z
      .strictObject({
        files: z.int().min(2).max(1_000).default(4),
        chunks: z.int().min(2).max(1_000).default(20),
        feedback: z.int().min(2).max(1_000).default(4),
        pending: z.int().min(2).max(1_000).default(2),
      })
      .prefault({}),
    /** How soon what is committed can be found in the lake. Longer is cheaper, and makes fewer, larger files. */
    lake: z
      .strictObject({
        /** Seconds that changes are gathered before they are landed. */
        windowSeconds: z.int().min(0).max(300).default(60),
        /** Minutes that what has landed waits for more at most, before a file is made of it. */
        waitMinutes: z.int().min(0).max(120).default(15),
      })
      .prefault({}),
    /** Reserves this many concurrent executions for the API's decisions. Absent: none, since new accounts have few. */
    reservedScoringConcurrency: z.int().min(1).max(1_000).optional(),
    /** SageMaker endpoints that exist already and that detectors may ask. */
    existingEndpoints: z.array(EndpointNameSchema).default([]),
    /** SageMaker endpoints that the stage creates. */
    endpoints: z.array(EndpointSchema).default([]),
    /** Where alarms are sent. Absent: to whatever subscribes to the topic of the stage's alarms. */
    alarmEmail: z.email().optional(),
    /** Where alarms are sent that can wait until the day. Absent: to `alarmEmail`, too. */
    ticketEmail: z.email().optional(),
    /** How a new version of a function takes over. */
    release: ReleaseSchema.prefault({}),
    firewall: FirewallSchema.prefault({}),
    network: NetworkSchema.prefault({}),
    keys: KeysSchema.prefault({}),
    /** Bounds every role of the stage. */
    permissionsBoundary: BoundarySchema.optional(),
    /** Such as `acme-`. Choose before the first deployment: other names are other, empty resources. */
    namePrefix: NamePrefixSchema.optional(),
  })
  .refine(({ keys, region }) => keys.tables === undefined || region !== undefined, {
    path: ['region'],
    error: 'name the region: a key for tables is bound to the region of its tables',
  })
  .superRefine(({ keys, region }, context) => {
    for (const [name, arn] of Object.entries(keys)) {
      if (region === undefined || arn.split(':')[3] === region) continue;
      context.addIssue({ code: 'custom', path: ['keys', name], message: 'use a key of the region of the stage' });
    }
  });
export type StageConfig = z.infer<typeof StageSchema>;

/** Whether traffic moves to a new version step by step. */
export const isShifted = ({ release }: StageConfig): boolean => release.shift !== 'all-at-once';

/** The name of one of a stage's stacks, such as `acme-Assay-prod-Data`. */
export const stackNameOf = (
  { namePrefix = '' }: Pick<StageConfig, 'namePrefix'>,
  stageName: string,
  part: 'Data' | 'Service' | 'Operations',
): string => `${namePrefix}Assay-${stageName}-${part}`;

/** The name of something else of a stage that has one, such as `acme-assay-prod-alarms`. */
export const resourceNameOf = (
  { namePrefix = '' }: Pick<StageConfig, 'namePrefix'>,
  stageName: string,
  name?: string,
): string => `${namePrefix}assay-${stageName}${name === undefined ? '' : `-${name}`}`;

const StagesSchema = z.strictObject({ stages: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,15}$/), StageSchema) });

/**
 * The configuration of one stage.
 *
 * @param file - the stage configuration file, `lib/stages.yaml` unless told otherwise.
 * @throws {Error} that names the file, the path in it and the remedy.
 */
export const readStage = (file: string, name: string): StageConfig => {
  const stages = readStages(file);
  const stage = stages[name];
  if (!stage) {
    const known = Object.keys(stages).join(', ');
    throw new Error(`${file} has no stage '${name}'; use one of ${known}, or add it there (-c stage=NAME chooses)`);
  }
  return stage;
};

/** All stages of a configuration file, by name. @throws {Error} that names the file, the path in it and the remedy. */
export const readStages = (file: string): Readonly<Record<string, StageConfig | undefined>> => {
  const parsed = StagesSchema.safeParse(yaml.parse(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data.stages;
};
