import type * as z from 'zod';

import type { StageSchema } from '../../lib/config.ts';

/** Configurations of stages, as a file of stages would give them. */

const key = (digit: number): string =>
  `arn:aws:kms:eu-west-1:111111111111:key/${'00000000-0000-0000-0000-000000000000'.replaceAll('0', String(digit))}`;

const PLACE = { account: '111111111111', region: 'eu-west-1' };

/** Little money, nothing to be told by others. */
export const SMALL_TEAM = { ...PLACE, firewall: { enabled: false }, logRetentionDays: 14 } satisfies z.input<
  typeof StageSchema
>;

/** All that a bank asks for at once. */
export const BANK = {
  ...PLACE,
  namePrefix: 'acme-',
  permissionsBoundary: 'acme-boundary',
  logRetentionDays: 365,
  keys: { buckets: key(1), queues: key(2), tables: key(3), logs: key(4) },
  network: {
    apiEndpoints: ['vpce-01234567'],
    functions: { subnets: ['subnet-01234567', 'subnet-89abcdef'], securityGroups: ['sg-01234567'] },
  },
  firewall: { enabled: true, requestsPerAddress: 500 },
  release: { shift: 'canary-10-percent-5-minutes', p99Ms: 800 },
  alarmEmail: 'on-call@example.com',
  endpoints: [
    {
      name: 'fraud-new',
      image: 'image',
      modelData: { s3Uri: 's3://bucket/model.tar.gz' },
      capacity: { kind: 'serverless', memoryMb: 2048, maxConcurrency: 5 },
    },
  ],
} satisfies z.input<typeof StageSchema>;
