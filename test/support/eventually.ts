import { setTimeout as pause } from 'node:timers/promises';

/**
 * What a question answers as soon as it answers anything.
 *
 * @throws when it has not within the time, naming what was waited for.
 */
export const eventually = async <Answer>(
  what: string,
  ask: () => Promise<Answer | undefined>,
  withinMs = 30_000,
): Promise<Answer> => {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > until) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(100);
  }
};
