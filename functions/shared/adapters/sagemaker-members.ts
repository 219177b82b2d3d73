import { InvokeEndpointCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';

import type { Degradation } from '#domain/decision.ts';
import type { VariableValue } from '#domain/event.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { RemoteAnswer, RemoteMember, RemoteMembers } from '#ports/remote-members.ts';
import type { Metrics } from '#ports/telemetry.ts';
import type { AwsCall } from './aws-call.ts';
import { isThrottle } from './aws-failures.ts';
import { probabilityIn } from './sagemaker-answer.ts';
import { Breaker } from './sagemaker-breaker.ts';
import { endpointRequestOf } from './sagemaker-request.ts';

/** The first try and two more. */
const ATTEMPTS = 3;
/** Nothing is started with less time than this. */
const LEAST_MS = 20;

/** What the adapter is made of. */
export interface SageMakerMembersOptions {
  readonly sageMaker: SageMakerRuntimeClient;
  /** Endpoints that the stage lets its functions invoke; others are not called. */
  readonly endpoints: readonly string[];
  /** Of its own, so that retries of endpoints and of stores have separate budgets. */
  readonly call: AwsCall;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Members on SageMaker endpoints, each call within a deadline, each endpoint behind a breaker of this environment. */
export class SageMakerMembers implements RemoteMembers {
  readonly #options: SageMakerMembersOptions;
  readonly #allowed: ReadonlySet<string>;
  readonly #breakers = new Map<string, Breaker>();

  constructor(options: SageMakerMembersOptions) {
    this.#options = options;
    this.#allowed = new Set(options.endpoints);
  }

  async ask(
    member: RemoteMember,
    row: readonly (VariableValue | undefined)[],
    deadline: Deadline,
  ): Promise<RemoteAnswer> {
    const { clock, metrics } = this.#options;
    if (!this.#allowed.has(member.endpoint)) return { failed: 'unavailable' };
    if (deadline.remainingMs() < LEAST_MS) return { failed: 'out_of_time' };
    const breaker = this.#breakerOf(member.endpoint);
    if (!breaker.admits(clock.nowMs())) return { failed: 'breaker_open' };

    const hurried = deadline.remainingMs() < member.timeoutMs;
    const startedAt = clock.nowMs();
    const answer = await this.#invoke(member, row, deadline);
    metrics.duration('MemberMs', clock.nowMs() - startedAt);
    // A caller in a hurry says nothing about the endpoint.
    if (hurried && 'failed' in answer && answer.failed === 'timeout') breaker.cancel();
    else if (breaker.report('probability' in answer, clock.nowMs())) metrics.count('BreakersOpened');
    return answer;
  }

  async #invoke(
    member: RemoteMember,
    row: readonly (VariableValue | undefined)[],
    deadline: Deadline,
  ): Promise<RemoteAnswer> {
    const { sageMaker, call } = this.#options;
    const { body, contentType, accept } = endpointRequestOf(member, row);
    const command = new InvokeEndpointCommand({
      EndpointName: member.endpoint,
      Body: Buffer.from(body),
      ContentType: contentType,
      Accept: accept,
    });
    const own = deadline.within(member.timeoutMs);
    try {
      const answer = await call((options) => sageMaker.send(command, options), {
        deadline: own,
        what: 'the endpoint',
        attempts: ATTEMPTS,
        retryable: isModelFault,
      });
      const probability = probabilityIn(member, answer.ContentType, answer.Body ?? new Uint8Array());
      return probability === undefined ? { failed: 'bad_answer' } : { probability };
    } catch (error) {
      return { failed: own.remainingMs() < LEAST_MS ? 'timeout' : whyOf(error) };
    }
  }

  #breakerOf(endpoint: string): Breaker {
    const breaker = this.#breakers.get(endpoint) ?? new Breaker();
    this.#breakers.set(endpoint, breaker);
    return breaker;
  }
}

/** The container answered with a server fault, which SageMaker reports as 424. */
const isModelFault = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ModelError' && Number(Reflect.get(error, 'OriginalStatusCode')) >= 500;

const whyOf = (error: unknown): Degradation['why'] => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return isThrottle(cause) ? 'throttled' : 'unavailable';
};
