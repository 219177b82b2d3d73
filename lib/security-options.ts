import * as z from 'zod';

/** Options of a stage that a security team asks for. What a bank's first day needs is told in docs/deploy.md. */

const arn = (service: string, rest: string, example: string) =>
  z.string().regex(new RegExp(`^arn:aws[a-z-]*:${service}:${rest}$`), `use an ARN such as '${example}'`);

const KeyArnSchema = arn(
  'kms',
  String.raw`[a-z0-9-]+:\d{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})`,
  'arn:aws:kms:eu-west-1:111111111111:key/11111111-1111-1111-1111-111111111111',
);

/** Keys of yours in place of those that the stage creates. Choose before the first deployment: see docs/deploy.md. */
export const KeysSchema = z
  .strictObject({
    /** Encrypts all buckets but that of S3's own access logs, which S3 writes under its own key alone; and the secret. */
    buckets: KeyArnSchema.optional(),
    /** Encrypts all queues, and the topic of the alarms. May be the one of the buckets. */
    queues: KeyArnSchema.optional(),
    /** Encrypts all tables. Absent: DynamoDB's own key in your account. */
    tables: KeyArnSchema.optional(),
    /** Wraps the keys of people, which originals are sealed under. Another than all others: doors may only encrypt. */
    people: KeyArnSchema.optional(),
    /** Encrypts all log groups. Absent: the key of the queues. */
    logs: KeyArnSchema.optional(),
  })
  .refine(({ people, ...others }) => people === undefined || !Object.values(others).includes(people), {
    path: ['people'],
    error: 'give a key of its own: functions may decrypt with the other keys, and so could see originals',
  });

/** A private API, and functions in a VPC. */
export const NetworkSchema = z
  .strictObject({
    /** The API answers only through these interface endpoints of `execute-api`. Absent: it is Regional. */
    apiEndpoints: z
      .array(z.string().regex(/^vpce-[0-9a-f]{8,17}$/, "use the id of an endpoint such as 'vpce-0123456789abcdef0'"))
      .min(1)
      .optional(),
    /** Where the functions run. Absent: in Lambda's own network. */
    functions: z
      .strictObject({
        subnets: z.array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'use the ids of private subnets')).min(1),
        securityGroups: z
          .array(z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'use the ids of security groups'))
          .min(1)
          .max(5),
      })
      .optional(),
  })
  .refine(({ apiEndpoints, functions }) => apiEndpoints === undefined || functions !== undefined, {
    path: ['functions'],
    error: 'say where the functions run: the canary, which is one, calls the API and must reach its endpoints',
  });

/** A web application firewall before the API. */
export const FirewallSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /**
   * Requests that one address may make in five minutes. Absent: as many as the stage lets through in all, so that
   * whoever sends more is blocked before they use up what others need.
   */
  requestsPerAddress: z.int().min(10).max(2_000_000_000).optional(),
});

/** How traffic moves to a new version of a function, as CodeDeploy names the steps. */
export const SHIFTS = [
  'all-at-once',
  'canary-10-percent-5-minutes',
  'canary-10-percent-15-minutes',
  'linear-10-percent-every-1-minute',
] as const;

/** How a new version takes over. */
export const ReleaseSchema = z.strictObject({
  /** All at once, or a part first: then alarms on the new version bring the old one back. */
  shift: z.enum(SHIFTS).default('all-at-once'),
  /** Milliseconds that one in a hundred answers of a new version may take while traffic shifts. */
  p99Ms: z.int().min(50).max(29_000).default(1_250),
});

/** What a permissions boundary is named by: the policy's ARN, or its name in the stage's account. */
export const BoundarySchema = z
  .string()
  .regex(/^(arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+|[\w+=,.@-]{1,128})$/, 'use the name or the ARN of a policy');

/** What the names of stacks, and of all that has a name of its own, begin with. */
export const NamePrefixSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,19}$/, 'use up to 20 lower-case letters, digits and -, a letter first');
