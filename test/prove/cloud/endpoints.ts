import { sageMakerError } from './aws-errors.ts';
import type { Random } from './random.ts';

/** What an endpoint may answer in place of a probability. */
export const ENDPOINT_MODES = [
  'right',
  '5xx',
  'model_error',
  'hang',
  'drip',
  'nan',
  'infinite',
  'out_of_range',
  'negative',
  'html',
  'short',
  'long',
  'empty',
  'json_error',
  'throttle',
] as const;
export type EndpointMode = (typeof ENDPOINT_MODES)[number];

const answerOf = (text: string, type = 'text/csv; charset=utf-8') => ({
  Body: Buffer.from(text),
  ContentType: type,
  InvokedProductionVariant: 'main',
});

/** Answers that come at once and are not what they should be. */
const WRONG: Readonly<Partial<Record<EndpointMode, () => unknown>>> = {
  nan: () => answerOf('nan'),
  infinite: () => answerOf('1e999'),
  out_of_range: () => answerOf('1.7'),
  negative: () => answerOf('-0.2'),
  html: () => answerOf('<html><body>503 Service Temporarily Unavailable</body></html>', 'text/html'),
  short: () => answerOf(''),
  long: () => answerOf('0.1\n0.2\n'),
  empty: () => ({ ContentType: 'text/csv' }),
  json_error: () => answerOf('{"error":"out of memory"}', 'application/json'),
  '5xx': () => {
    throw sageMakerError('ServiceUnavailable', 503);
  },
  model_error: () => {
    throw sageMakerError('ModelError', 424, 'Received server error (500) from primary', { OriginalStatusCode: 500 });
  },
  throttle: () => {
    throw sageMakerError('ThrottlingException', 400, 'Rate exceeded');
  },
};

/** SageMaker's runtime with one model behind every endpoint: the probability depends on the first cell alone. */
export class FakeEndpoints {
  /** What the next calls meet; a function draws for each. */
  mode: (random: Random) => EndpointMode = () => 'right';
  readonly #random: Random;
  readonly #known: ReadonlySet<string>;
  calls = 0;

  constructor(known: readonly string[], random: Random) {
    this.#known = new Set(known);
    this.#random = random;
  }

  /** What a call meets. Some of it is for the network to play. */
  draw(): EndpointMode {
    return this.mode(this.#random);
  }

  /** Carries a request out. @throws what the client would throw. */
  handle(operation: string, input: Record<string, unknown>, mode: EndpointMode): unknown {
    this.calls += 1;
    if (operation !== 'InvokeEndpoint') throw new Error(`the fake of SageMaker has no ${operation}; teach it`);
    if (!this.#known.has(String(input.EndpointName))) throw sageMakerError('ValidationError', 400, 'no such endpoint');
    const wrong = WRONG[mode];
    if (wrong) return wrong();
    const [first = ''] = Buffer.from(input.Body as Uint8Array)
      .toString('utf8')
      .split(',');
    return answerOf(`${Number(first) >= 80 ? 0.95 : 0.27}\n`);
  }
}
