import type { System } from '../../bin/system/system.ts';

/** What commands find noted of a system whose services are all at one address. Nothing has to run there. */
export const aSystemAt = (endpoint: string): System => ({
  apiUrl: `${endpoint}/local/`,
  endpoint,
  region: 'eu-west-1',
  inboxBucket: 'inbox',
  resultBucket: 'results',
  quarantineBucket: 'quarantine',
  registryTable: 'registry',
  modelBucket: 'models',
  auditBucket: 'audit',
  lakeBucket: 'lake',
  lakeCompactor: 'compactor',
  eventBus: 'bus',
  eventTable: 'events',
  profileTable: 'profiles',
  feedbackTable: 'feedback',
  fileTable: 'files',
  peopleTable: 'people',
  queues: Object.fromEntries(
    (['files', 'chunks', 'feedback', 'pending', 'streams'] as const).map((name) => [
      name,
      `${endpoint}/000000000000/${name}`,
    ]),
  ) as System['queues'],
  tokenSecret: 'secret',
  credentials: { accessKeyId: 'KEY', secretAccessKey: 'secret' },
});
