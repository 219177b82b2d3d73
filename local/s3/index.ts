import { join } from 'node:path';
import { openDatabase } from '../database.ts';
import type { Host, Room } from '../resources.ts';
import { createBuckets } from './bucket.ts';
import type { Context } from './call.ts';
import { openFiles } from './files.ts';
import { createLifecycle, type Expire } from './lifecycle.ts';
import { createListing } from './listing.ts';
import { createMishaps } from './mishaps.ts';
import { createMultipart } from './multipart-store.ts';
import { createOutbox } from './outbox.ts';
import { createS3Resources } from './resources.ts';
import { callOf, routeOf } from './routes.ts';
import { SCHEMA } from './schema.ts';
import { createObjectStore } from './store.ts';

/** The room of S3, and its lifecycle rules, which it applies by itself every hour. */
export interface S3 extends Room {
  readonly expire: Expire;
}

const SWEEP_MS = 3600_000;

/**
 * Simple Storage Service: objects as files, everything about them in SQLite.
 *
 * Buckets come from templates alone. What a call answers is durable, and so is the notification of it.
 *
 * @param now - the clock of objects, in milliseconds since 1970.
 */
export const createS3 = (host: Host, now: () => number = Date.now): S3 => {
  const directory = host.directoryOf('s3');
  const database = openDatabase(join(directory, 's3.sqlite'), SCHEMA);
  const files = openFiles(join(directory, 'objects'), database);
  const outbox = createOutbox(database, host);
  const buckets = createBuckets(database, now);
  const store = createObjectStore(database, files, { announce: outbox.announce, onChange: outbox.flush, now });
  const multipart = createMultipart(database, files, now);
  const listing = createListing(database);
  const expire = createLifecycle(database, { buckets, store, multipart });
  const mishaps = createMishaps(host.faults, { store, files });
  const context: Context = { host, buckets, store, listing, multipart, files, mishaps, now };
  let sweep: NodeJS.Timeout | undefined;

  return {
    expire,
    resources: createS3Resources(buckets, host.region, (bucket) => outbox.introduce(bucket, now())),
    start() {
      outbox.start();
      expire(now());
      sweep = setInterval(() => expire(now()), SWEEP_MS);
      sweep.unref();
    },
    async stop() {
      clearInterval(sweep);
      await outbox.stop();
    },
    service: {
      signingName: 's3',
      protocol: 's3',
      async handle(request, authorise) {
        const call = callOf(request, authorise);
        const answer = await routeOf(call)(call, context);
        return { ...answer, headers: { 'x-amz-request-id': request.requestId, ...answer.headers } };
      },
      close: () => database.close(),
    },
  };
};
