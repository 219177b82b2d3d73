import { once } from 'node:events';

import type { AwsError } from '../errors.ts';
import type { Authorise, AwsRequest, AwsResponse, AwsService, Need } from '../service.ts';
import { dripping } from './drip.ts';
import { type Fault, type FaultPoints, type Faults, type Victim, WITHIN } from './fault.ts';
import { REFUSALS, refuses } from './refusals.ts';

export interface FaultInjection extends Faults, FaultPoints {
  /** The service, whose calls meet the faults once they are authorised; others are refused as ever. */
  around(service: AwsService): AwsService;
}

interface Active extends Fault {
  readonly ended: AbortController;
  /** Times that it may strike yet. */
  left: number;
}

/**
 * Faults of one cloud, in three places: before a call is handled, behind it, and wherever a room asks within.
 *
 * @param random - gives numbers in [0, 1): which calls meet a fault that strikes a share of them.
 */
export const createFaults = (random: () => number = Math.random): FaultInjection => {
  const active = new Set<Active>();
  let redeliverAfterSeconds: number | undefined;
  let redeliveries = 0;
  const end = (fault: Active): void => {
    active.delete(fault);
    fault.ended.abort();
  };

  return {
    random,
    get redeliverAfterSeconds() {
      return redeliverAfterSeconds;
    },
    get redeliveries() {
      return redeliveries;
    },
    redelivered(messages) {
      redeliveries += messages;
    },
    redeliverAfter(seconds) {
      redeliverAfterSeconds = seconds;
    },
    begin(fault) {
      checkAble(fault);
      const begun = { ...fault, ended: new AbortController(), left: fault.times ?? Number.POSITIVE_INFINITY };
      active.add(begun);
      return () => end(begun);
    },
    clear() {
      redeliverAfterSeconds = undefined;
      for (const fault of active) end(fault);
    },
    strikes(service, misdeed, victim = {}) {
      const met = [...active].find(
        (fault) =>
          fault.service === service &&
          fault.does === misdeed &&
          fault.left > 0 &&
          concerns(fault, victim) &&
          random() < (fault.share ?? 1),
      );
      if (met) met.left -= 1;
      met?.onStrike?.();
      return met !== undefined;
    },
    around: (service) => ({
      signingName: service.signingName,
      protocol: service.protocol,
      handle: (request, authorise) =>
        handleUnder(
          () => [...active].filter((fault) => spoilsCallsOf(fault, service)),
          random,
          service,
          request,
          authorise,
        ),
      close: () => service.close(),
    }),
  };
};

/** A fault that could never strike would pass for one that does no harm. */
const checkAble = ({ service, does }: Fault): void => {
  const within: readonly unknown[] = WITHIN[service];
  if (within.includes(does) || (refuses(service) && !WITHIN_MISDEEDS.has(does))) return;
  throw new Error(`${service} cannot be made to ${typeof does === 'string' ? does : 'answer otherwise'}`);
};

/** What is a room's own doing. Services with words for a failure fail by call, whichever room has it within, too. */
const WITHIN_MISDEEDS: ReadonlySet<unknown> = new Set(
  Object.values(WITHIN)
    .flat()
    .filter((does) => does !== 'fail'),
);

const spoilsCallsOf = ({ service, does, left }: Active, { signingName }: AwsService): boolean =>
  left > 0 && service === signingName && refuses(service) && !WITHIN_MISDEEDS.has(does);

const concerns = (
  { actions, operations, callers }: Fault,
  { caller, operation }: Victim,
  needs: readonly Need[] = [],
): boolean =>
  (callers === undefined || (caller !== undefined && callers.test(caller))) &&
  (operations === undefined || (operation !== undefined && operations.includes(operation))) &&
  (actions === undefined || needs.some(({ action }) => actions.includes(action)));

/** Handles one call, which meets at most one fault: the first that strikes, of all permissions that it asks for. */
const handleUnder = async (
  faults: () => readonly Active[],
  random: () => number,
  service: AwsService,
  request: AwsRequest,
  authorise: Authorise,
): Promise<AwsResponse> => {
  const operation = request.headers?.['x-amz-target']?.split('.').at(-1);
  // One throw of the dice for each fault, however many permissions the call asks for one after the other.
  const chances = new Map<Active, number>();
  const chanceOf = (fault: Active): number => {
    const chance = chances.get(fault) ?? random();
    chances.set(fault, chance);
    return chance;
  };
  let met: Active | undefined;
  const judge: Authorise = (principal, needs) => {
    authorise(principal, needs);
    const victim = { caller: principal.arn, ...(operation !== undefined && { operation }) };
    if (!met) {
      met = faults().find((fault) => concerns(fault, victim, needs) && chanceOf(fault) < (fault.share ?? 1));
      if (met) met.left -= 1;
    }
    // What the room would do does not happen: its own way out of a refused call is taken.
    if (met && !isBehind(met)) throw refusalBy(met);
  };
  const answer = await service.handle(request, judge).catch((error: unknown) => {
    if (met && !isBehind(met)) return insteadOf(met, request, error);
    throw error;
  });
  return met && isBehind(met) ? behind(met, request, answer) : answer;
};

const isBehind = ({ does }: Fault): boolean => does === 'lose-answer' || does === 'drip';

/** What the caller gets of a call that was not carried out. */
const insteadOf = async (met: Active, { signal }: AwsRequest, error: unknown): Promise<AwsResponse> => {
  met.onStrike?.();
  if (typeof met.does === 'object') return met.does;
  if (typeof met.does === 'function') return met.does();
  if (met.does === 'hang') await endOf(met, signal);
  throw error;
};

/** What the caller gets of a call that was carried out; one that was refused is answered as it is. */
const behind = async (met: Active, { signal }: AwsRequest, answer: AwsResponse): Promise<AwsResponse> => {
  if (answer.status >= 400) {
    met.left += 1;
    return answer;
  }
  met.onStrike?.();
  if (met.does === 'drip') return dripping(answer, met.ended.signal);
  await endOf(met, signal);
  throw refusalBy(met);
};

const refusalBy = ({ service, does }: Fault): AwsError => {
  if (!refuses(service)) throw new Error(`${service} has no words for what failed`);
  return REFUSALS[service][does === 'throttle' ? does : 'fail']();
};

/** Until the caller has gone away or the fault is over. */
const endOf = async ({ ended }: Active, signal: AbortSignal | undefined): Promise<void> => {
  const any = AbortSignal.any([ended.signal, ...(signal ? [signal] : [])]);
  if (!any.aborted) await once(any, 'abort');
};
