import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';

import { abortError, connectionReset, requestTimeout } from './aws-errors.ts';
import type { Invocation } from './fleet.ts';
import type { Random } from './random.ts';
import { currentOwner, type VirtualTime } from './virtual-time.ts';
import { type Fate, fateOf, type Service, type Weather } from './weather.ts';

const CLIENTS: readonly (readonly [Service, { readonly prototype: object }])[] = [
  ['dynamodb', DynamoDBClient],
  ['sqs', SQSClient],
  ['s3', S3Client],
  ['sagemaker', SageMakerRuntimeClient],
  ['secretsmanager', SecretsManagerClient],
  ['kms', KMSClient],
  ['eventbridge', EventBridgeClient],
];

/** Milliseconds that a call takes to be carried out and answered: least and most. */
const LATENCY_MS: Readonly<Record<Service, readonly [number, number]>> = {
  dynamodb: [3, 9],
  sqs: [5, 15],
  s3: [10, 40],
  sagemaker: [15, 60],
  secretsmanager: [10, 30],
  kms: [4, 12],
  eventbridge: [10, 30],
};

/** How long the clients of functions wait for an answer: see functions/shared/adapters/aws-clients.ts. */
const PATIENCE_MS = 10_000;
const S3_PATIENCE_MS = 30_000;

/** One call of a service by a function. */
export interface Call {
  readonly service: Service;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  /** Undefined for a call that no invocation makes. */
  readonly invocation: Invocation | undefined;
}

export interface NetworkOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly weather: Weather;
  /** Carries a call out. @throws what its client throws. */
  readonly handle: (call: Call) => unknown;
  /** What becomes of a call, when it is not for the weather to say. */
  readonly fate?: (call: Call) => Fate | undefined;
  /** Told of every call before it is made. */
  readonly onCall: (call: Call) => void;
  /** Ends the environment in the middle of things. */
  readonly kill: (invocation: Invocation) => void;
}

const NEVER = new Promise<never>(() => {});

interface Command {
  readonly input: Record<string, unknown>;
}

/** Between the SDK's clients and the services: takes time, loses answers, and is where environments die. */
export class Network {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Takes over `send` of every client of this process. @returns what undoes it. */
  install(): () => void {
    for (const [service, { prototype }] of CLIENTS) {
      const send = (command: Command, options?: { readonly abortSignal?: AbortSignal }) =>
        this.#send(service, command, options?.abortSignal);
      Object.defineProperty(prototype, 'send', { value: send, configurable: true, writable: true });
    }
    return () => {
      for (const [, { prototype }] of CLIENTS) Reflect.deleteProperty(prototype, 'send');
    };
  }

  #send(service: Service, command: Command, signal: AbortSignal | undefined): Promise<unknown> {
    const { weather, random, onCall, kill } = this.#options;
    const invocation = currentOwner() as Invocation | undefined;
    if (invocation?.host.state === 'dead') return NEVER;
    if (signal?.aborted) return Promise.reject(abortError(signal));
    const operation = command.constructor.name.replace(/Command$/, '');
    const call: Call = { service, operation, input: command.input, invocation };
    onCall(call);
    const isLast = invocation !== undefined && ++invocation.calls === invocation.dies?.atCall;
    if (isLast && invocation.dies?.side === 'before') {
      kill(invocation);
      return NEVER;
    }
    const fate = this.#options.fate?.(call) ?? fateOf(service, weather, random);
    return this.#carryOut(call, fate, signal, isLast ? () => kill(invocation) : undefined);
  }

  #carryOut(call: Call, fate: Fate, signal: AbortSignal | undefined, then: (() => void) | undefined): Promise<unknown> {
    const { time, random, handle } = this.#options;
    const [leastMs, mostMs] = LATENCY_MS[call.service];
    const halfMs = (leastMs + random.next() * (mostMs - leastMs)) / 2;
    return new Promise((resolve, reject) => {
      let open = true;
      const aborted = (): void => {
        open = false;
        reject(abortError(signal!));
      };
      signal?.addEventListener('abort', aborted, { once: true });
      const answer = (afterMs: number, settle: () => void): void => {
        const deliver = (): void => {
          if (!open) return;
          open = false;
          signal?.removeEventListener('abort', aborted);
          settle();
        };
        time.after(afterMs, deliver, call.invocation);
      };
      const patienceMs = call.service === 's3' ? S3_PATIENCE_MS : PATIENCE_MS;
      if (fate.kind === 'drip') return undefined;
      if (fate.kind === 'hang') return answer(patienceMs, () => reject(requestTimeout()));
      // What has been sent arrives, whether its sender still waits for it or not.
      time.after(halfMs, () => {
        if (fate.kind === 'refused') return answer(halfMs, () => reject(fate.error()));
        let settle: () => void;
        try {
          const result = handle(call);
          settle = () => resolve(result);
        } catch (error) {
          settle = () => reject(error);
        }
        if (fate.kind === 'lost') {
          if (fate.silent) answer(patienceMs, () => reject(requestTimeout()));
          else answer(halfMs, () => reject(connectionReset()));
        } else answer(halfMs, settle);
        then?.();
      });
    });
  }
}
