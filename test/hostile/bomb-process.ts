/**
 * Reads files as ingestion does, in a process of its own whose memory can be measured: `node bomb-process.ts <folder>`.
 * The folder has a `list.json` of names and keys. Says what it begins, and what that came to, a line each.
 */
import { createReadStream, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { hmacTokeniser } from '#adapters/secret-tokeniser.ts';
import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import { slicesOf } from '#domain/chunking.ts';
import { type Admission, type FileContent, openFileRows } from '../../functions/ingestion/file-rows.ts';
import { reasonsOf } from '../../functions/ingestion/send-slices.ts';

const eventTypeWith = (columns: Readonly<Record<string, string>>): EventType =>
  EventTypeSchema.parse({
    format: 1,
    eventType: 'payment',
    purpose: 'fraud-detection',
    entities: { customer: 'person' },
    variables: { amount: { type: 'number' }, note: { type: 'string', maxLength: 8_192 } },
    columns,
  });

/** Parquet that is put together byte by byte has one column, which is enough for feedback. */
const admissionOf = (key: string): Admission => ({
  key,
  ...(key.endsWith('.parquet')
    ? { purpose: 'feedback', eventType: eventTypeWith({ event_id: 'c0' }) }
    : { purpose: 'events', eventType: eventTypeWith({}) }),
  tokeniser: hmacTokeniser({ current: 1, keys: ['a key of sixteen or more'] }),
  nowMs: Date.parse('2026-11-20T12:00:00Z'),
  retentionDays: 365,
  skipRows: 0,
});

const readAll = async (content: FileContent, admission: Admission) => {
  const reasons = new Map<string, number>();
  const count = (more: Readonly<Record<string, number>>): void => {
    for (const [reason, times] of Object.entries(more)) reasons.set(reason, (reasons.get(reason) ?? 0) + times);
  };
  let rows = 0;
  const opened = await openFileRows(content, admission);
  if (opened.ok) {
    for await (const slice of slicesOf(opened.rows)) {
      rows = slice.through;
      count(reasonsOf(slice.bad));
    }
  } else count({ [opened.reason]: 1 });
  return { rows, refused: !opened.ok, reasons: Object.fromEntries(reasons) };
};

const folder = process.argv[2] ?? '';
for (const [index, { name, key }] of JSON.parse(readFileSync(join(folder, 'list.json'), 'utf8')).entries()) {
  console.log(JSON.stringify({ name }));
  const path = join(folder, String(index));
  const file = await open(path);
  const { size } = await file.stat();
  const read = async (from: number, length: number) => (await file.read(Buffer.alloc(length), 0, length, from)).buffer;
  const [startedMs, before] = [performance.now(), process.cpuUsage()];
  const end = await readAll({ bytes: createReadStream(path), parts: { size, read } }, admissionOf(key));
  const [ms, { user, system }] = [performance.now() - startedMs, process.cpuUsage(before)];
  await file.close();
  const cpuMs = Math.round((user + system) / 1_000);
  const mostMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  console.log(JSON.stringify({ name, ms: Math.round(ms), cpuMs, mostMb, ...end }));
}
