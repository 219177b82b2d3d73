import * as z from 'zod';

import { accepted, ok } from '#runtime/http-answer.ts';
import { type HttpHandler, type HttpOptions, httpHandler } from '#runtime/http-handler.ts';
import { parseInput } from '#runtime/http-request.ts';
import { readFile } from '../read-file.ts';
import { type BatchPorts, BatchSchema, type EventAnswer, MAX_BATCH_BYTES, takeBatch } from '../take-batch.ts';

/** Path of `GET /v1/files/{fileId}`. */
export const FilePathSchema = z.object({
  fileId: z.string().regex(/^[0-9a-f]{24}$/, 'use an id as given for the file'),
});
/** Value of the header `Idempotency-Key`. */
export const IdempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'use 1 to 128 visible ASCII characters without spaces');

/** Answers `POST /v1/events` and `GET /v1/files/{fileId}`. */
export const createHandler = (
  ports: BatchPorts,
  options: Pick<HttpOptions<never>, 'loggers' | 'metrics'> = {},
): HttpHandler => {
  const named = { name: 'ingestion-api', ...options };
  const take = httpHandler({ ...named, body: BatchSchema, maxBodyBytes: MAX_BATCH_BYTES }, async (batch, request) => {
    const sent = request.headers['idempotency-key'];
    const idempotencyKey =
      sent === undefined ? undefined : parseInput(IdempotencyKeySchema, sent, "header 'idempotency-key'");
    const { requestId, principal } = request;
    const taken = await takeBatch(batch, { caller: principal.id, requestId, idempotencyKey }, request, ports);
    // From the file, whose id is the origin of its decisions, to the request and back.
    request.logger.info('batch taken', { fileId: taken.fileId });
    const count = (status: EventAnswer['status']): number =>
      taken.results.filter((result) => result.status === status).length;
    return accepted({
      fileId: taken.fileId,
      accepted: count('accepted'),
      rejected: count('rejected'),
      unavailable: count('unavailable'),
      results: taken.results,
    });
  });
  const read = httpHandler(named, async (_, { pathParameters }) => {
    const { fileId } = parseInput(FilePathSchema, pathParameters, 'the path');
    return ok(await readFile(fileId, ports));
  });
  return (event, context) => (event.httpMethod === 'POST' ? take(event, context) : read(event, context));
};
