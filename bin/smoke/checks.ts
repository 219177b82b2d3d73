import { isDeepStrictEqual } from 'node:util';

import * as z from 'zod';
import type { ApiAnswer } from '#adapters/signed-api.ts';
import { CANARY_DETECTOR, CANARY_EVENT_TYPE } from '#domain/canary.ts';
import { DecideAnswerSchema, EventDecisionsAnswerSchema } from '#domain/decide-request.ts';
import { CatalogAnswerSchema } from '../../functions/administration/answers.ts';
import { EXPECTED_DECISION, EXPECTED_FILE, type Probe } from '../../functions/canary/probe.ts';
import { SystemAuditLog } from '../administration/audit-log.ts';
import { verifyAudit } from '../administration/verify-audit.ts';
import type { AssayClient } from '../system/client.ts';
import { followFile } from '../system/follow.ts';
import { type AlarmView, alarmsOf } from './alarms.ts';
import { type Check, passed } from './run-checks.ts';

/** What is said of the probe's event. */
const ACTION = { kind: 'action', value: 'smoke_test', source: 'smoke' } as const;

const FeedbackAnswerSchema = z.object({ results: z.array(z.object({ status: z.string(), matched: z.boolean() })) });

/**
 * What must be so of a stage that works, seen as its users see it. All that it leaves is of the canary's event type,
 * under ids of this run: decided as any event is, and left out of figures, bus, lake and look-ups by entity.
 *
 * @param alarms - of a deployed stage; undefined elsewhere.
 */
export const smokeChecks = (client: AssayClient, probe: Probe, alarms: AlarmView | undefined): readonly Check[] => {
  const { event } = probe;
  const decide = (sent: object) => client.call('POST', 'v1/decisions', { event: sent });
  const onRecord = async () => {
    const answer = await client.call('GET', `v1/decisions/${CANARY_EVENT_TYPE}/${event.eventId}`);
    return shaped(EventDecisionsAnswerSchema, answer, 'the record');
  };
  return [
    {
      name: 'catalog',
      remedy: 'look at the registrar: its log, and the alarms catalog-refused and errors-registrar',
      withinMs: 30_000,
      run: async () => {
        const answer = await client.call('GET', 'v1/catalog');
        const { revision, detectors } = shaped(CatalogAnswerSchema, answer, 'the catalog');
        const active = detectors.filter(({ active }) => active !== undefined).map(({ name }) => name);
        expectEqual(`'${CANARY_DETECTOR}' among active detectors`, active.includes(CANARY_DETECTOR), true);
        return passed(`revision ${revision}, ${active.length} active detectors`);
      },
    },
    {
      name: 'decision',
      remedy: "look at scoring-api's log by the request's id; may the caller POST v1/decisions and GET v1/decisions/*?",
      withinMs: 30_000,
      run: async () => {
        const { decisions } = shaped(DecideAnswerSchema, await decide(event), 'the decision');
        expectEqual('outcomes', outcomesOf(decisions), [['approve']]);
        for (const [name, expected] of Object.entries(EXPECTED_DECISION)) {
          expectEqual(name, decisions[0]?.[name as keyof typeof EXPECTED_DECISION], expected);
        }
        expectEqual('outcomes on record', outcomesOf((await onRecord()).decisions), [['approve']]);
        return passed(`${event.eventId}: approved, and on record`);
      },
    },
    {
      name: 'repeat',
      remedy: 'an event was decided twice: stop deploying, and look at the event table and rival-decisions',
      withinMs: 30_000,
      run: async () => {
        const first = (await onRecord()).decisions[0]?.decidedAt;
        const { decisions } = shaped(DecideAnswerSchema, await decide(event), 'the repeat');
        expectEqual('when the repeat was decided', decisions[0]?.decidedAt, first);
        return passed('answered with the first decision');
      },
    },
    {
      name: 'conflict',
      remedy: 'other content under a known id must be refused: look at scoring-api and the event table',
      withinMs: 30_000,
      run: async () => {
        const { status } = await decide({ ...event, variables: { value: 2 } });
        expectEqual('the status of other content under the same id', status, 409);
        return passed('other content under the same id: 409');
      },
    },
    {
      name: 'feedback',
      remedy: "look at feedback-api's log; may the caller POST v1/feedback?",
      withinMs: 30_000,
      run: async () => {
        const said = { eventType: CANARY_EVENT_TYPE, feedback: [{ eventId: event.eventId, ...ACTION }] };
        const { results } = shaped(FeedbackAnswerSchema, await client.call('POST', 'v1/feedback', said), 'feedback');
        expectEqual('what became of it', results, [{ status: 'recorded', matched: true }]);
        const { feedback } = await onRecord();
        expectEqual(
          'what is on record',
          feedback.map(({ kind, value }) => [kind, value]),
          [['action', ACTION.value]],
        );
        return passed('recorded, and shown with its event');
      },
    },
    {
      name: 'file',
      remedy:
        "look at the logs of ingestion-files and scoring-queue under the file's id; may the caller put objects into the inbox and read results?",
      withinMs: 150_000,
      run: async () => {
        const report = await followFile(client, await client.dropContent(probe.key, probe.file), Date.now(), () => {});
        for (const [name, expected] of Object.entries(EXPECTED_FILE)) {
          expectEqual(`${report.fileId}: ${name}`, report[name as keyof typeof EXPECTED_FILE], expected);
        }
        const linesOf = async (key = '') => (await client.resultText(key)).trim().split('\n').length - 1;
        expectEqual('lines of its results', await linesOf(report.resultsKey), EXPECTED_RESULTS);
        expectEqual('lines of its rejects', await linesOf(report.rejectsKey), EXPECTED_FILE.counts.quarantined);
        return passed(`${report.fileId}: 4 rows = 2 decided + 1 duplicate + 1 quarantined`);
      },
    },
    {
      name: 'audit log',
      remedy: "run 'assay audit verify', and keep what it says: the log was changed, or cannot be read",
      withinMs: 300_000,
      run: async () => {
        const log = new SystemAuditLog(client.system);
        const { ok, entries, waiting, broken } = await verifyAudit(log).finally(() => log.close());
        if (!ok) throw new Error(`broken at entry ${broken?.sequence}: ${broken?.why}`);
        return passed(`${entries} entries, ${waiting} of them on their way to the bucket`);
      },
    },
    {
      name: 'alarms',
      remedy: 'docs/runbook.md has a section for each alarm',
      withinMs: 30_000,
      run: async () => {
        if (!alarms) return { status: 'skipped', detail: 'a system on one machine has no alarms' };
        const { all, sounding } = await alarmsOf(alarms);
        if (all === 0) throw new Error(`no alarm begins with ${alarms.prefix}: is the operations stack deployed?`);
        if (sounding.length > 0) throw new Error(`in ALARM: ${sounding.join(', ')}`);
        return passed(`none of ${all} in ALARM`);
      },
    },
  ];
};

/** Rows that are not in quarantine, each with one detector. */
const EXPECTED_RESULTS = EXPECTED_FILE.rows - EXPECTED_FILE.counts.quarantined;

const outcomesOf = (decisions: readonly { readonly outcomes: readonly string[] }[]) =>
  decisions.map(({ outcomes }) => outcomes);

const ProblemSchema = z.object({ code: z.string(), detail: z.string() });

/** @throws {Error} for an answer that is not 200, or of another shape than the API promises. */
const shaped = <Schema extends z.ZodType>(
  schema: Schema,
  { status, body }: ApiAnswer,
  what: string,
): z.output<Schema> => {
  const problem = ProblemSchema.safeParse(body);
  if (status !== 200) {
    throw new Error(`${what}: ${status}${problem.success ? ` ${problem.data.code}: ${problem.data.detail}` : ''}`);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Error(`${what} has another shape than this version of Assay promises; is it the version deployed?`);
};

/** Values are the smoke test's own, so that they may be told. */
const expectEqual = (what: string, found: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(found)} in place of ${JSON.stringify(expected)}`);
};
