import type { FaultPoints } from '../faults.ts';

/** What befalls an environment in the middle of one invocation. */
export interface Fate {
  /** The function has answered. @returns whether the answer is lost, since the process dies of it. */
  answered(): boolean;
  /** The invocation is over, however it ended. */
  over(): void;
}

/** How a fate takes hold of the environment's process. */
export interface Grip {
  kill(): void;
  /** Makes the process stand still until it is let go; both do nothing once it is gone. */
  hold(): void;
  letGo(): void;
}

/** Hands out fates: which invocations are killed or frozen, and when. */
export interface Fates {
  /** @param functionArn - whose invocation begins. */
  of(functionArn: string, grip: Grip): Fate;
}

const LEAST_FROZEN_MS = 1_000;
const LONGEST_FROZEN_MS = 6_000;
/** What an invocation is thought to take before the first one has ended. */
const FIRST_GUESS_MS = 100;

/**
 * An invocation that meets a fate meets it at a random moment of the time that such invocations take; one that would
 * have answered before meets it when it answers, so that each strike is one that happened.
 */
export const createFates = ({ strikes, random }: Pick<FaultPoints, 'strikes' | 'random'>): Fates => {
  const usualMs = new Map<string, number>();

  const begin = (functionArn: string, happen: () => void, { losesAnswer }: { losesAnswer: boolean }): Fate => {
    let happened = false;
    const once = (): void => {
      clearTimeout(timer);
      if (!happened) happen();
      happened = true;
    };
    const timer = setTimeout(once, random() * (usualMs.get(functionArn) ?? FIRST_GUESS_MS));
    return {
      answered() {
        once();
        return losesAnswer;
      },
      over: () => clearTimeout(timer),
    };
  };

  const doomOf = (functionArn: string, { kill, hold, letGo }: Grip): Fate | undefined => {
    const freeze = (): void => {
      hold();
      setTimeout(letGo, LEAST_FROZEN_MS + random() * (LONGEST_FROZEN_MS - LEAST_FROZEN_MS)).unref();
    };
    const victim = { caller: functionArn };
    if (strikes('lambda', 'freeze', victim)) return begin(functionArn, freeze, { losesAnswer: false });
    return strikes('lambda', 'kill', victim) ? begin(functionArn, kill, { losesAnswer: true }) : undefined;
  };

  return {
    of(functionArn, grip) {
      const doom = doomOf(functionArn, grip);
      if (doom) return doom;
      const beganMs = performance.now();
      return {
        answered() {
          usualMs.set(functionArn, performance.now() - beganMs);
          return false;
        },
        over: () => {},
      };
    },
  };
};
