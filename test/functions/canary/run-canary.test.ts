import { describe, expect, test } from '@jest/globals';

import { CANARY_DETECTOR } from '#domain/canary.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentLogger } from '#runtime/log.ts';
import { EXPECTED_FILE } from '../../../functions/canary/probe.ts';
import { runCanary } from '../../../functions/canary/run-canary.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z');

interface Answers {
  /** What differs from what is expected. */
  readonly decision?: object;
  readonly file?: object;
  readonly status?: number;
}

/** An Assay that does as it should, but for what differs. */
const assay = ({ decision = {}, file = {}, status = 200 }: Answers = {}) => {
  const counted: string[] = [];
  let dropped = '';
  const decisionOn = (eventId: string) => ({
    eventId,
    eventType: 'assay_canary',
    detector: CANARY_DETECTOR,
    version: 1,
    decidedAt: '2026-03-01T12:00:00.000Z',
    outcomes: [eventId.endsWith('high') ? 'decline' : 'approve'],
    reasons: [],
    rung: 'full',
    degraded: [],
    recorded: 'committed',
    ...decision,
  });
  const bodyOf = (path: string, sent: { readonly event: { readonly eventId: string } } | undefined) => {
    if (path.startsWith('v1/files/')) {
      const { counts } = EXPECTED_FILE;
      const rest = { fileId: 'f'.repeat(24), purpose: 'events', eventType: 'assay_canary', rules: {} };
      const startedAt = '2026-03-01T12:00:00.000Z';
      return { ...rest, startedAt, ...EXPECTED_FILE, counts, quarantineReasons: { bad_number: 1 }, ...file };
    }
    const eventId = sent?.event.eventId ?? path.split('/').at(-1)!;
    const answer = { eventId, eventType: 'assay_canary', decisions: [decisionOn(eventId)] };
    return sent ? answer : { ...answer, feedback: [], standing: { kind: 'unlabelled' } };
  };
  return {
    counted,
    file: () => dropped,
    ports: {
      api: {
        call: async ({ path, body }: { path: string; body?: unknown }) => ({
          status,
          body: bodyOf(path, body as { event: { eventId: string } } | undefined),
        }),
      },
      inbox: {
        drop: async (_key: string, content: string) => {
          dropped = content;
          return { bucket: 'inbox', versionId: '1' };
        },
      },
      clock: { nowMs: () => NOW_MS },
      logger: silentLogger,
      metrics: { count: (name: string) => counted.push(name), duration: () => {} },
    },
  };
};

describe('the canary', () => {
  test('is well when both doors decide as expected, and says that it ran', async () => {
    const { ports, counted, file } = assay();

    expect(await runCanary(deadlineIn(5_000), ports)).toEqual({ failed: [] });
    expect(counted).toEqual(['CanaryRuns']);
    expect(file().trim().split('\n')).toHaveLength(5);
  });

  test.each<{ what: string; answers: Answers; door: 'api' | 'file'; problem: string }>([
    { what: 'another outcome', answers: { decision: { outcomes: ['review'] } }, door: 'api', problem: '["review"]' },
    {
      what: 'a decision that is not on record',
      answers: { decision: { recorded: 'pending' } },
      door: 'api',
      problem: "the decision's recorded",
    },
    { what: 'a refusal', answers: { status: 503 }, door: 'api', problem: '503' },
    {
      what: 'an answer of another shape',
      answers: { decision: { outcomes: 7 } },
      door: 'api',
      problem: 'another shape',
    },
    {
      what: 'a row that was decided twice',
      answers: { file: { counts: { decided: 3, duplicate: 0, conflict: 0, quarantined: 1, dead: 0 } } },
      door: 'file',
      problem: "the file's counts",
    },
    { what: 'a file in quarantine', answers: { file: { status: 'quarantined' } }, door: 'file', problem: 'status' },
    { what: 'a file that does not end', answers: { file: { status: 'settling' } }, door: 'file', problem: 'in time' },
  ])('tells of $what', async ({ answers, door, problem }) => {
    const { ports, counted } = assay(answers);

    const { failed } = await runCanary(deadlineIn(1_300), ports);

    expect(failed).toContainEqual({ door, problem: expect.stringContaining(problem) });
    expect(counted.filter((name) => name === 'CanaryFailed')).toHaveLength(failed.length);
    expect(counted).toContain('CanaryRuns');
  });
});
