import type { Cloud } from '../cloud/cloud.ts';
import { decisionProblems } from './decision-checks.ts';
import { feedbackProblems } from './feedback.ts';
import { Findings } from './findings.ts';
import { historyProblems } from './history-checks.ts';
import {
  chunkResultsOf,
  type EndedRow,
  rejectsOf,
  resultsOf,
  type StoredEvent,
  type StoredFile,
  storedEvents,
  storedFiles,
} from './records.ts';
import { requestProblems } from './request-checks.ts';
import { DETECTORS, type SampleType } from './samples.ts';
import type { Sending, SentBatch, SentFile, Truth } from './truth.ts';

/** What an audit found. */
export interface Audit {
  /** Each thing that does not hold, with the check that says so first. */
  readonly problems: readonly string[];
  /** How the events that were accepted ended. */
  readonly ends: Readonly<Record<End, number>>;
}
type End = 'decided' | 'duplicate' | 'conflict' | 'quarantined' | 'dead';

/**
 * Holds what the stores, the results files and the quarantine say against what was sent.
 *
 * Every accepted event must have ended in exactly one way; of each id exactly one sending made it to the record, and
 * every other one must be called what it is; each file's sums must be those of its rows; nothing may be left over.
 */
export const audit = (cloud: Cloud, truth: Truth): Audit => {
  const findings = new Findings();
  const events = storedEvents(cloud);
  const { files, chunks } = storedFiles(cloud);
  for (const { fileId, sequence, status } of chunks) {
    if (status === 'pending') findings.add('nothing pending', `chunk ${sequence} of file ${fileId}`);
  }
  const ended = endsOf(cloud, truth, files, findings);
  const ends = { decided: 0, duplicate: 0, conflict: 0, quarantined: 0, dead: 0 };
  for (const rows of ended.values()) {
    for (const disposition of rows.values()) ends[disposition as End] += 1;
  }
  const sendings = truth.sendings();
  for (const [key, ofEvent] of sendings) checkEvent(key, ofEvent, events.get(key), ended, findings);
  for (const key of events.keys()) if (!sendings.has(key)) findings.add('nothing invented', key);
  decisionProblems(events, findings);
  requestProblems(truth.requests, events, findings);
  feedbackProblems(cloud, truth.feedback, files, findings);
  historyProblems(cloud, findings);
  checkCloud(cloud, ends, findings);
  return { problems: findings.list(), ends };
};

type Ended = ReadonlyMap<SentFile | SentBatch, ReadonlyMap<number, string>>;

const endsOf = (cloud: Cloud, truth: Truth, files: readonly StoredFile[], findings: Findings): Ended => {
  const byVersion = new Map(files.map((file) => [file.source.versionId ?? file.fileId, file]));
  const ended = new Map<SentFile | SentBatch, ReadonlyMap<number, string>>();
  for (const sent of truth.files) {
    const file = byVersion.get(sent.versionId);
    if (!file) findings.add('every file known', `${sent.key} has no record`);
    else ended.set(sent, endsOfFile(cloud, sent, file, findings));
  }
  for (const sent of truth.batches) {
    const file = files.find(({ fileId }) => fileId === sent.fileId);
    if (!file) findings.add('every file known', `batch ${sent.fileId} has no record`);
    else ended.set(sent, endsOfBatch(cloud, sent, findings));
  }
  return ended;
};

/** How each row of a file ended, checked against its results, its rejects and its sums. */
const endsOfFile = (
  cloud: Cloud,
  sent: SentFile,
  file: StoredFile,
  findings: Findings,
): ReadonlyMap<number, string> => {
  const rows = new Map<number, string>();
  if (file.status !== 'complete') {
    findings.add('every file complete', `${sent.key} is ${file.status} ${file.reason ?? ''}`);
    return rows;
  }
  if (file.imbalance !== undefined) findings.add('rows add up', `${sent.key} admits an imbalance of ${file.imbalance}`);
  takeResults({ name: sent.key, eventType: sent.eventType }, resultsOf(cloud, file), rows, findings);
  for (const row of rejectsOf(cloud, file)) {
    if (rows.has(row))
      findings.add('each row ends once', `row ${row} of ${sent.key} is in quarantine and ${rows.get(row)}`);
    rows.set(row, 'quarantined');
  }
  checkRows(sent, rows, findings);
  for (const name of ['decided', 'duplicate', 'conflict', 'quarantined', 'dead']) {
    const counted = [...rows.values()].filter((disposition) => disposition === name).length;
    const said = file.counts[name] ?? 0;
    if (said !== counted)
      findings.add('counters equal events', `${sent.key} counts ${said} ${name}, results say ${counted}`);
  }
  return rows;
};

const endsOfBatch = (cloud: Cloud, sent: SentBatch, findings: Findings): ReadonlyMap<number, string> => {
  const rows = new Map<number, string>();
  takeResults({ name: sent.fileId, eventType: sent.eventType }, chunkResultsOf(cloud, sent.fileId), rows, findings);
  // The answer itself says which rows were refused.
  for (const [index, { defect }] of sent.samples.entries())
    if (defect !== undefined) rows.set(index + 1, 'quarantined');
  for (const row of sent.unavailable) rows.delete(row);
  checkRows(sent, rows, findings);
  return rows;
};

const takeResults = (
  { name, eventType }: { readonly name: string; readonly eventType: SampleType },
  ended: readonly EndedRow[],
  rows: Map<number, string>,
  findings: Findings,
): void => {
  const seen = new Set<string>();
  const lines = new Map<number, number>();
  for (const { row, disposition, detector } of ended) {
    const before = rows.get(row);
    if (before !== undefined && before !== disposition) {
      findings.add('each row ends once', `row ${row} of ${name} is ${before} and ${disposition}`);
    }
    // One line for each detector.
    if (seen.has(`${row} ${detector}`)) findings.add('each row ends once', `row ${row} of ${name} has two lines`);
    seen.add(`${row} ${detector}`);
    rows.set(row, disposition);
    lines.set(row, (lines.get(row) ?? 0) + 1);
  }
  for (const [row, disposition] of rows) {
    const expected = disposition === 'decided' || disposition === 'duplicate' ? DETECTORS[eventType].length : 1;
    if (lines.get(row) !== expected) {
      findings.add('results show every decision', `row ${row} of ${name} (${disposition}) has ${lines.get(row)} lines`);
    }
  }
};

const checkRows = (sent: SentFile | SentBatch, rows: ReadonlyMap<number, string>, findings: Findings): void => {
  const name = 'key' in sent ? sent.key : sent.fileId;
  for (const row of rows.keys()) {
    if (row < 1 || row > sent.samples.length) findings.add('nothing invented', `row ${row} of ${name}`);
  }
  const unavailable = 'unavailable' in sent ? sent.unavailable : undefined;
  for (const [index, { defect }] of sent.samples.entries()) {
    const row = index + 1;
    if (unavailable?.has(row)) continue;
    const disposition = rows.get(row);
    if (disposition === undefined) findings.add('no row lost', `row ${row} of ${name}`);
    else if ((defect !== undefined) !== (disposition === 'quarantined')) {
      findings.add('bad rows alone in quarantine', `row ${row} of ${name} (${defect ?? 'good'}) is ${disposition}`);
    }
  }
};

/** Of one id: exactly one sending is on record, and each other one is called what it is. */
const checkEvent = (
  key: string,
  sendings: readonly Sending[],
  stored: StoredEvent | undefined,
  ended: Ended,
  findings: Findings,
): void => {
  const rowOf = ({ from }: Sending): string | undefined =>
    'file' in from ? ended.get(from.file)?.get(from.row) : undefined;
  const first = sendings.find((sending) => rowOf(sending) === 'decided');
  const decided = sendings.filter((sending) => rowOf(sending) === 'decided');
  if (decided.length > 1) findings.add('decided once', `${key} is decided in ${decided.length} rows`);
  if (!stored?.origin) {
    if (decided.length > 0) findings.add('decided is on record', `${key} is decided in a row and not on record`);
    const loose = sendings.find((sending) => 'file' in sending.from && !['dead', undefined].includes(rowOf(sending)));
    if (loose) findings.add('decided is on record', `${key} is ${rowOf(loose)} and not on record`);
    return;
  }
  if (stored.origin.startsWith('api/') === (first !== undefined)) {
    findings.add('decided once', `${key} came by ${stored.origin}, and ${decided.length} rows say decided`);
  }
  if (first && 'row' in first.from && !stored.origin.endsWith(`/${first.from.row}`)) {
    findings.add('decided once', `${key} came by ${stored.origin}, and row ${first.from.row} says decided`);
  }
  const winner = first ?? sendings.find((sending) => isOfRequest(sending, stored));
  for (const sending of sendings) {
    const disposition = rowOf(sending);
    if (disposition === undefined || sending === winner) continue;
    // The content of a request whose answer was lost is one of those that were sent.
    const expected = winner ? (sending.content === winner.content ? 'duplicate' : 'conflict') : undefined;
    if (disposition === 'dead') findings.add('dead is not on record', `${key} is dead in a row and on record`);
    else if (expected !== undefined && disposition !== expected) {
      findings.add('repeats are told from conflicts', `${key} is ${disposition} where it is a ${expected}`);
    }
  }
};

const isOfRequest = ({ from }: Sending, { origin }: StoredEvent): boolean =>
  'request' in from && origin.startsWith('api/') && from.request.status === 200;

/** What must hold of the cloud itself. */
const checkCloud = (cloud: Cloud, ends: Audit['ends'], findings: Findings): void => {
  const { tally } = cloud;
  for (const fault of tally.faults) findings.add('no request is wrong', fault);
  for (const row of ends.dead === 0 ? tally.outOfOrder : []) findings.add('strict order is kept', row);
  for (const token of tally.tokens) findings.add('retries keep their token', token);
  for (const write of tally.lateWrites) findings.add('nothing after the answer', write);
  if (tally.expired > 0) findings.add('nothing expires', `${tally.expired} messages`);
  for (const { wiring, open } of cloud.queues.values()) {
    if (open !== 0) findings.add('nothing pending', `${open} messages in ${wiring.name}`);
  }
};
