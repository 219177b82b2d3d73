import { randomUUID } from 'node:crypto';
import { readJsonCall } from '../bodies.ts';
import { AwsError } from '../errors.ts';
import type { Host, Room } from '../resources.ts';
import type { AwsResponse } from '../service.ts';
import { openDeliveryLog } from './deliveries.ts';
import { createDispatcher } from './dispatcher.ts';
import { createRuleBook, type Rule } from './rules.ts';

/** What is told to the bus. */
export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  /** @default now */
  readonly time?: string;
}

/** EventBridge: rules over events, and schedules. */
export interface EventBridge extends Room {
  /** Puts an event of AWS itself on the default bus. */
  publish(event: BusEvent): void;
}

const MOST_ENTRIES = 10;
const LARGEST_ENTRY_BYTES = 1024 * 1024;
/** The longest that a timer of Node waits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const createEventBridge = (
  host: Pick<Host, 'region' | 'accountId' | 'directoryOf' | 'call' | 'notice' | 'endpoint'>,
  {
    now = Date.now,
    onEvent = () => {},
  }: { readonly now?: () => number; readonly onEvent?: (bus: string, event: object) => void } = {},
): EventBridge => {
  const log = openDeliveryLog(host.directoryOf('events'));
  const book = createRuleBook(host);
  const dispatcher = createDispatcher({ host, log, rules: book.rules, now });
  const timers = new Map<string, NodeJS.Timeout>();

  const envelopeOf = (event: BusEvent, id: string): Record<string, unknown> => ({
    version: '0',
    id,
    'detail-type': event.detailType,
    source: event.source,
    account: host.accountId,
    time: event.time ?? new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: host.region,
    resources: event.resources,
    detail: event.detail,
  });

  const put = (bus: string, event: BusEvent): string => {
    const id = randomUUID();
    const envelope = envelopeOf(event, id);
    onEvent(bus, envelope);
    for (const rule of book.rules.values()) {
      if (rule.bus === bus && rule.enabled && rule.matches?.(envelope)) deliver(rule, envelope);
    }
    return id;
  };

  const deliver = (rule: Rule, envelope: Record<string, unknown>): void => {
    for (const { Id } of rule.targets) log.add(rule.arn, Id, envelope, now());
    dispatcher.wake();
  };

  const schedule = (rule: Rule): void => {
    const dueMs = rule.enabled ? rule.schedule?.(now()) : undefined;
    if (dueMs === undefined) return;
    const wait = (): void => {
      const leftMs = dueMs - now();
      timers.set(
        rule.arn,
        setTimeout(leftMs > LONGEST_TIMER_MS ? wait : fire, Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS)),
      );
    };
    const fire = (): void => {
      const event = { source: 'aws.events', detailType: 'Scheduled Event', resources: [rule.arn], detail: {} };
      deliver(rule, envelopeOf(event, randomUUID()));
      schedule(rule);
    };
    wait();
  };

  return {
    resources: book.resources,
    publish: (event) => {
      put('default', event);
    },
    start() {
      dispatcher.start();
      for (const rule of book.rules.values()) schedule(rule);
    },
    async stop() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await dispatcher.stop();
    },
    service: {
      signingName: 'events',
      protocol: 'json-1.1',
      async handle(request, authorise): Promise<AwsResponse> {
        const { operation, input } = await readJsonCall(request);
        if (operation !== 'PutEvents') {
          throw new AwsError('UnknownOperationException', `events:${operation} is not emulated`);
        }
        const entries = (Array.isArray(input.Entries) ? input.Entries : []) as Entry[];
        if (entries.length < 1 || entries.length > MOST_ENTRIES) {
          throw new AwsError('ValidationException', `Entries must hold 1 to ${MOST_ENTRIES} events`);
        }
        authorise(
          request.principal,
          entries.map((entry) => ({
            action: 'events:PutEvents',
            resource: `arn:aws:events:${host.region}:${host.accountId}:event-bus/${busOf(entry)}`,
            context: { 'events:source': String(entry.Source), 'events:detail-type': String(entry.DetailType) },
          })),
        );
        const results = entries.map((entry) => {
          const refusal = refusalOf(entry, book.buses);
          return refusal ?? { EventId: put(busOf(entry), eventOf(entry)) };
        });
        return {
          status: 200,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: JSON.stringify({
            FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
            Entries: results,
          }),
        };
      },
      close: () => log.close(),
    },
  };
};

interface Entry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly Resources?: readonly string[];
  /** Seconds since 1970. */
  readonly Time?: number;
  readonly EventBusName?: string;
}

const busOf = ({ EventBusName }: Entry): string => (EventBusName ?? 'default').replace(/^.*event-bus\//, '');

const eventOf = ({ Source = '', DetailType = '', Detail = '{}', Resources = [], Time }: Entry): BusEvent => ({
  source: Source,
  detailType: DetailType,
  resources: Resources,
  detail: JSON.parse(Detail),
  ...(Time === undefined ? {} : { time: new Date(Time * 1000).toISOString().replace(/\.\d+Z$/, 'Z') }),
});

/** Why an entry alone is not taken, as EventBridge says it; the others of the call are. */
const refusalOf = (
  entry: Entry,
  buses: ReadonlySet<string>,
): { ErrorCode: string; ErrorMessage: string } | undefined => {
  const refuse = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((name) => !entry[name]);
  if (missing)
    return refuse('InvalidArgument', `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`);
  if (!buses.has(busOf(entry))) return refuse('InvalidArgument', 'EventBusName: there is no such event bus.');
  if (entry.Source?.startsWith('aws.')) {
    return refuse('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  if (Buffer.byteLength(JSON.stringify(entry)) > LARGEST_ENTRY_BYTES) {
    return refuse('InvalidArgument', 'Total size of the entry is larger than 1 MB.');
  }
  try {
    const detail: unknown = JSON.parse(entry.Detail ?? '');
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return undefined;
  } catch {
    // Falls through to the same refusal as JSON that is not an object.
  }
  return refuse('MalformedDetail', 'Detail is malformed.');
};
