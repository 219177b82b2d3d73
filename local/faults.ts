import { once } from 'node:events';

import { AwsError } from './errors.ts';
import type { Authorise, AwsResponse, AwsService, Need, Principal } from './service.ts';

/** What goes wrong with one service, for as long as the fault lasts. */
export interface Fault {
  readonly service: FaultyService;
  /**
   * `fail`: the service's own server fault. `throttle`: its own throttle. `hang`: no answer until the caller gives up
   * or the fault ends. Or an answer of any kind in place of the right one. Nothing has been done in any case.
   */
  readonly does: 'fail' | 'throttle' | 'hang' | AwsResponse;
  /** IAM actions that a call must need one of, as `dynamodb:PutItem`. @default any */
  readonly actions?: readonly string[];
  /** ARN, or service's host name, of the callers that meet it. @default everyone, the developer and services included */
  readonly callers?: RegExp;
  /** Part of those calls that meet it, 0 to 1. @default 1 */
  readonly share?: number;
}

/** Faults of a running cloud. */
export interface Faults {
  /** Begins a fault. @returns what ends it; calls that hang are then answered as failed. */
  begin(fault: Fault): () => void;
  /** Ends all faults. */
  clear(): void;
}

export interface FaultInjection extends Faults {
  /** The service, whose calls meet the faults once they are authorised; others are refused as ever. */
  around(service: AwsService): AwsService;
}

/** How each service says that it failed, and that there were too many calls; `sagemaker`: that its model failed. */
const REFUSALS = {
  dynamodb: {
    fail: () => new AwsError('InternalServerError', 'Internal server error', 500),
    throttle: () => new AwsError('ThrottlingException', 'Throughput exceeds the current capacity', 400),
  },
  s3: {
    fail: () => new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500),
    throttle: () => new AwsError('SlowDown', 'Please reduce your request rate.', 503),
  },
  sagemaker: {
    fail: () =>
      new AwsError('ModelError', 'Received server error (500) from primary', 424, {
        OriginalStatusCode: 500,
        OriginalMessage: 'Internal Server Error',
      }),
    throttle: () => new AwsError('ThrottlingException', 'Rate exceeded', 400),
  },
  sqs: {
    fail: () => new AwsError('ServiceUnavailable', 'The service cannot answer now', 503),
    throttle: () => new AwsError('RequestThrottled', 'The request was denied due to request throttling', 400),
  },
} as const;

/** The services that can be made to fail. */
export type FaultyService = keyof typeof REFUSALS;

interface Active extends Fault {
  readonly ended: AbortController;
}

/** @param random - gives numbers in [0, 1): which calls meet a fault that strikes a share of them. */
export const createFaults = (random: () => number = Math.random): FaultInjection => {
  const active = new Set<Active>();
  const end = (fault: Active): void => {
    active.delete(fault);
    fault.ended.abort();
  };
  return {
    begin(fault) {
      const begun = { ...fault, ended: new AbortController() };
      active.add(begun);
      return () => end(begun);
    },
    clear() {
      for (const fault of active) end(fault);
    },
    around: (service) => ({
      signingName: service.signingName,
      protocol: service.protocol,
      async handle(request, authorise) {
        const chance = random();
        let met: Active | undefined;
        const judge: Authorise = (principal, needs) => {
          authorise(principal, needs);
          met ??= [...active].find((fault) => strikes(fault, service, principal, needs, chance));
          // What the room would do does not happen: its own way out of a refused call is taken.
          if (met) throw refusalBy(met);
        };
        try {
          return await service.handle(request, judge);
        } catch (error) {
          if (!met) throw error;
          if (typeof met.does === 'object') return met.does;
          if (met.does === 'hang') await endOf([met.ended.signal, ...(request.signal ? [request.signal] : [])]);
          throw error;
        }
      },
      close: () => service.close(),
    }),
  };
};

const strikes = (
  { service, actions, callers, share = 1 }: Fault,
  { signingName }: AwsService,
  { arn }: Principal,
  needs: readonly Need[],
  chance: number,
): boolean =>
  service === signingName &&
  chance < share &&
  (callers?.test(arn) ?? true) &&
  (actions === undefined || needs.some(({ action }) => actions.includes(action)));

const refusalBy = ({ service, does }: Fault): AwsError => REFUSALS[service][does === 'throttle' ? does : 'fail']();

const endOf = async (signals: readonly AbortSignal[]): Promise<void> => {
  const any = AbortSignal.any([...signals]);
  if (!any.aborted) await once(any, 'abort');
};
