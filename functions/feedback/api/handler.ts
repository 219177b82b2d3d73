import { ok } from '#runtime/http-answer.ts';
import { type HttpHandler, type HttpOptions, httpHandler } from '#runtime/http-handler.ts';
import { type FeedbackPorts, FeedbackRequestSchema, takeFeedback } from '../take-feedback.ts';

const MAX_BODY_BYTES = 1_000_000;

/** Answers `POST /v1/feedback`. */
export const createHandler = (
  ports: FeedbackPorts,
  options: Pick<HttpOptions<never>, 'loggers' | 'metrics'> = {},
): HttpHandler =>
  httpHandler(
    { name: 'feedback-api', body: FeedbackRequestSchema, maxBodyBytes: MAX_BODY_BYTES, ...options },
    async (body, request) => ok({ results: await takeFeedback(body, request.requestId, request, ports) }),
  );
