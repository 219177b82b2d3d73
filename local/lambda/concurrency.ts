import { AwsError } from '../errors.ts';

/** Gives a place back. */
export type Release = () => void;

/** Who asks for a place: a caller that waits for an answer, or work that can wait its turn. */
export type Urgency = 'caller' | 'background';

/** A function, as far as its share of the concurrency goes. */
export interface Share {
  readonly name: string;
  readonly reservedConcurrency: number | undefined;
}

/** How many invocations run at once: an account's concurrency on one machine. */
export interface Concurrency {
  /**
   * Takes a place for one invocation. Work in the background waits for it as long as it takes, in line. A caller waits
   * a short while: on AWS an account has a thousand places.
   *
   * @throws {AwsError} TooManyRequestsException (429).
   */
  take(share: Share, urgency: Urgency): Promise<Release>;
  /** Waits until a place in the background could be taken, without taking it. */
  untilFree(share: Share): Promise<void>;
  /** Refuses everything from here on, those who wait included. */
  close(): void;
}

export interface ConcurrencyOptions {
  /** Places of all functions together that have none reserved; the most that a reservation gives, too. */
  readonly total: number;
  /** Of these, places that work in the background never takes. */
  readonly forCallers: number;
  /** How long a caller waits for a place. */
  readonly patienceMs: number;
}

interface Waiting {
  readonly share: Share;
  readonly urgency: Urgency;
  grant(): void;
  refuse(): void;
}

export const createConcurrency = ({ total, forCallers, patienceMs }: ConcurrencyOptions): Concurrency => {
  const reservedInUse = new Map<string, number>();
  let inUse = 0;
  let closed = false;
  let line: Waiting[] = [];

  const isFree = ({ name, reservedConcurrency: reserved }: Share, urgency: Urgency): boolean => {
    if (reserved !== undefined) return (reservedInUse.get(name) ?? 0) < Math.min(reserved, total);
    return inUse < (urgency === 'caller' ? total : total - forCallers);
  };

  const add = ({ name, reservedConcurrency }: Share, count: 1 | -1): void => {
    if (reservedConcurrency === undefined) inUse += count;
    else reservedInUse.set(name, (reservedInUse.get(name) ?? 0) + count);
  };

  const occupy = (share: Share): Release => {
    add(share, 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      add(share, -1);
      serveLine();
    };
  };

  const serveLine = (): void => {
    for (const waiting of [...line]) {
      if (!isFree(waiting.share, waiting.urgency)) continue;
      line = line.filter((other) => other !== waiting);
      waiting.grant();
    }
  };

  const wait = <T>(share: Share, urgency: Urgency, granted: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        line = line.filter((other) => other !== waiting);
        reject(throttled(share));
      };
      const timer = urgency === 'caller' ? setTimeout(leave, patienceMs) : undefined;
      const waiting: Waiting = {
        share,
        urgency,
        grant() {
          clearTimeout(timer);
          resolve(granted());
        },
        refuse() {
          clearTimeout(timer);
          leave();
        },
      };
      line.push(waiting);
    });

  return {
    async take(share, urgency) {
      if (closed) throw throttled(share);
      if (isFree(share, urgency)) return occupy(share);
      // A reservation is a limit that the template states, and so holds at once, as on AWS.
      if (urgency === 'caller' && (patienceMs === 0 || share.reservedConcurrency !== undefined)) throw throttled(share);
      return wait(share, urgency, () => occupy(share));
    },
    async untilFree(share) {
      if (closed) throw throttled(share);
      if (!isFree(share, 'background')) await wait(share, 'background', () => undefined);
    },
    close() {
      closed = true;
      for (const waiting of [...line]) waiting.refuse();
    },
  };
};

const throttled = ({ reservedConcurrency }: Share): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, {
    Reason:
      reservedConcurrency === undefined
        ? 'ConcurrentInvocationLimitExceeded'
        : 'ReservedFunctionConcurrentInvocationLimitExceeded',
    Type: 'User',
  });
