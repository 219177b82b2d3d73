import type { PublishedEvent } from './published-event.ts';

/** Largest entry, and largest request, that the bus takes, in bytes. */
export const MAX_REQUEST_BYTES = 256 * 1024;
/** Entries of one request. */
export const MAX_REQUEST_ENTRIES = 10;

/** What an entry costs beside its detail: its time, its source and its type. */
const ENVELOPE_BYTES = 128;

/** Members that an event may go without, the least missed first. */
const TRIMMABLE = ['variables', 'reasons', 'rules'] as const;

/** An event as it is sent: its detail as JSON that fits. */
export interface FittedEvent {
  readonly detailType: PublishedEvent['detailType'];
  readonly time: string;
  readonly detail: string;
  readonly bytes: number;
}

/**
 * Makes an event fit the bus: members that make it too large are left out, and `trimmed` names them. What is left is
 * ids, numbers and names, all of them bounded.
 */
export const fitted = ({ detailType, time, detail }: PublishedEvent): FittedEvent => {
  let content: Readonly<Record<string, unknown>> = detail;
  let text = JSON.stringify(content);
  const trimmed: string[] = [];
  for (const name of TRIMMABLE) {
    if (Buffer.byteLength(text) + ENVELOPE_BYTES <= MAX_REQUEST_BYTES) break;
    if (content[name] === undefined) continue;
    trimmed.push(name);
    content = { ...content, [name]: undefined, trimmed: [...trimmed] };
    text = JSON.stringify(content);
  }
  return { detailType, time, detail: text, bytes: Buffer.byteLength(text) + ENVELOPE_BYTES };
};

/** Events cut into requests that the bus takes, in their order. Each is the list of positions in `events`. */
export const requestsOf = (events: readonly Pick<FittedEvent, 'bytes'>[]): readonly (readonly number[])[] => {
  const requests: number[][] = [];
  let bytes = 0;
  for (const [position, event] of events.entries()) {
    const last = requests.at(-1);
    if (last && last.length < MAX_REQUEST_ENTRIES && bytes + event.bytes <= MAX_REQUEST_BYTES) {
      last.push(position);
      bytes += event.bytes;
    } else {
      requests.push([position]);
      bytes = event.bytes;
    }
  }
  return requests;
};
