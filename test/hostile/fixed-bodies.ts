import { CARD, type Call } from './doors.ts';

/** A body that is wrong in one way, and what it must be answered with. */
export interface FixedBody {
  /** The trap, as RELIABILITY.md has it, or what is wrong. */
  readonly name: string;
  readonly call: Call;
  readonly status: number;
  /** Of the problem; absent where some of several events are taken. */
  readonly code?: string;
  /** Fields that are named, in their order. */
  readonly fields?: readonly string[];
  /** Reasons of the events that are not taken. */
  readonly reasons?: readonly string[];
}

type Changes = Readonly<Record<string, unknown>>;

const anEvent = (changes: Changes = {}, variables: Changes = {}): Changes => ({
  eventId: 'e-1',
  eventType: 'payment',
  occurredAt: '2026-11-20T10:00:00Z',
  entities: { customer: 'c-1', terminal: 't-1' },
  variables: { amount: 5, ...variables },
  ...changes,
});

const post = (path: string, body: string, more: Partial<Call> = {}): Call => ({ method: 'POST', path, body, ...more });
const decideText = (text: string, more: Partial<Call> = {}): Call => post('/v1/decisions', text, more);
const decide = (body: unknown, more: Partial<Call> = {}): Call => decideText(JSON.stringify(body), more);
const headed = (name: string, value: string): Call => decide({ event: anEvent() }, { headers: { [name]: value } });
const textOfEvent = (change: (text: string) => string): Call =>
  decideText(change(JSON.stringify({ event: anEvent() })));

const invalid = (name: string, call: Call, ...fields: string[]): FixedBody => ({
  name,
  call,
  status: 400,
  code: 'invalid_input',
  ...(fields.length > 0 && { fields }),
});
const variable = (name: string, value: unknown, called = 'amount'): FixedBody =>
  invalid(name, decide({ event: anEvent({}, { [called]: value }) }), `event.variables.${called}`);
const time = (name: string, value: unknown): FixedBody =>
  invalid(name, decide({ event: anEvent({ occurredAt: value }) }), 'event.occurredAt');
const secret = (name: string, call: Call, ...fields: string[]): FixedBody => ({
  name,
  call,
  status: 422,
  code: 'card_number_refused',
  fields,
});

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const TEXTS: readonly FixedBody[] = [
  invalid('no body', { method: 'POST', path: '/v1/decisions' }),
  invalid('a body of spaces', decideText('  ')),
  invalid('text that is not JSON', decideText('event=1')),
  invalid(
    'JSON that breaks off',
    textOfEvent((text) => text.slice(0, -3)),
  ),
  invalid(
    'two JSON texts',
    textOfEvent((text) => text + text),
  ),
  invalid('NaN, which JSON has not', decideText('{"event":{"amount":NaN}}')),
  invalid('JSON depth: 33 levels', decideText(`{"event":{"a":${deep(31)}}}`)),
  invalid('JSON depth: 5,000 levels, where a checker overflows', decideText(`{"event":{"a":${deep(5_000)}}}`)),
  invalid('JSON depth: 100,000 levels', decideText(deep(100_000))),
  invalid('a list', decide([anEvent()]), ''),
  invalid('null', decideText('null'), ''),
  invalid('a text', decideText('"event"'), ''),
  {
    name: 'a body of 300 KB',
    call: decideText(`{"event":{"a":"${'x'.repeat(300_000)}"}}`),
    status: 413,
    code: 'too_large',
  },
  {
    name: 'a body of 300 KB in base64',
    call: decideText(Buffer.alloc(300_000, 'x').toString('base64'), { base64: true }),
    status: 413,
    code: 'too_large',
  },
  {
    name: 'bytes that are not UTF-8',
    call: decideText(Buffer.from([0x7b, 0xff, 0x7d]).toString('base64'), { base64: true }),
    status: 415,
    code: 'unsupported_format',
  },
  {
    name: 'UTF-16',
    call: decideText(Buffer.from('\ufeff{}', 'utf16le').toString('base64'), { base64: true }),
    status: 415,
    code: 'unsupported_format',
  },
  {
    name: 'a form',
    call: headed('content-type', 'application/x-www-form-urlencoded'),
    status: 415,
    code: 'unsupported_format',
  },
  {
    name: 'JSON in Latin-1',
    call: headed('content-type', 'application/json; charset=iso-8859-1'),
    status: 415,
    code: 'unsupported_format',
  },
  { name: 'a body said to be gzip', call: headed('content-encoding', 'gzip'), status: 415, code: 'unsupported_format' },
];

const SHAPES: readonly FixedBody[] = [
  invalid('no event', decide({}), 'event'),
  invalid('an event that is a list', decide({ event: [] }), 'event'),
  invalid('a field that nobody knows beside the event', decide({ event: anEvent(), colour: 'red' }), ''),
  invalid('an event type that is a number', decide({ event: anEvent(), eventType: 5 }), 'eventType'),
  invalid('an event type in capitals', decide({ event: anEvent(), eventType: 'Payment' }), 'eventType'),
  invalid('a version of no detector', decide({ event: anEvent(), detectorVersion: 1 }), 'detectorVersion'),
  invalid('version 0', decide({ event: anEvent(), detector: 'payments', detectorVersion: 0 }), 'detectorVersion'),
  invalid('explain as text', decide({ event: anEvent(), explain: 'yes' }), 'explain'),
  {
    name: 'an event type that is not registered',
    call: decide({ event: anEvent({ eventType: 'login' }) }),
    status: 404,
    code: 'not_found',
  },
  {
    name: 'the prototype as event type',
    call: decide({ event: anEvent({ eventType: 'constructor' }) }),
    status: 400,
    code: 'invalid_input',
  },
  {
    name: 'a detector that is not registered',
    call: decide({ event: anEvent(), detector: 'nobody' }),
    status: 404,
    code: 'not_found',
  },
  invalid('a budget of 10 ms', headed('assay-budget-ms', '10')),
  invalid('a budget in words', headed('assay-budget-ms', 'soon')),
];

const EVENTS: readonly FixedBody[] = [
  invalid('no id', decide({ event: anEvent({ eventId: undefined }) }), 'event.eventId'),
  invalid(
    'ids are strings: a number of 19 digits',
    decideText(`{"event":${JSON.stringify(anEvent()).replace('"e-1"', '4111111111111111119')}}`),
    'event.eventId',
  ),
  invalid('an id with a space', decide({ event: anEvent({ eventId: 'e 1' }) }), 'event.eventId'),
  invalid('an id of 129 characters', decide({ event: anEvent({ eventId: 'e'.repeat(129) }) }), 'event.eventId'),
  invalid(
    'a role that nobody knows',
    decide({ event: anEvent({ entities: { customer: 'c-1', terminal: 't-1', shop: 's-1' } }) }),
    'event.entities.shop',
  ),
  invalid('a missing role', decide({ event: anEvent({ entities: { customer: 'c-1' } }) }), 'event.entities.terminal'),
  invalid(
    'an entity id that is a number',
    decide({ event: anEvent({ entities: { customer: 5, terminal: 't-1' } }) }),
    'event.entities.customer',
  ),
  invalid(
    'lone surrogates in an entity id',
    decideText(
      '{"event":{"eventId":"e-1","eventType":"payment","occurredAt":"2026-11-20T10:00:00Z","entities":{"customer":"\\ud800","terminal":"t-1"},"variables":{"amount":5}}}',
    ),
    'event.entities.customer',
  ),
  variable('lone surrogates in a text', '\ud800', 'note'),
  variable('a text of 201 characters where 200 are allowed', 'x'.repeat(201), 'note'),
  variable('a text that is a number', 5, 'currency'),
  invalid(
    '`__proto__` among the variables',
    decideText(`{"event":${JSON.stringify(anEvent()).replace('"amount":5', '"amount":5,"__proto__":{"a":1}')}}`),
    'event.variables.__proto__',
  ),
  invalid('a variable that nobody knows', decide({ event: anEvent({}, { colour: 'red' }) }), 'event.variables.colour'),
  invalid(
    '1,001 variables',
    decide({
      event: anEvent({ variables: Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`v${n}`, n])) }),
    }),
    'event.variables',
    'event.variables.amount',
  ),
  invalid(
    'the same under two names',
    decide({ event: anEvent({ eventTimestamp: '2026-11-20T10:00:00Z' }) }),
    'event.eventTimestamp',
  ),
];

const NUMBERS_AND_DATES: readonly FixedBody[] = [
  invalid(
    '1e400 is Infinity',
    decideText(`{"event":${JSON.stringify(anEvent()).replace('"amount":5', '"amount":1e400')}}`),
    'event.variables.amount',
  ),
  variable('1e400 as text', '1e400'),
  variable('a number with a comma', '1,5'),
  variable('a hexadecimal number', '0x10'),
  variable('a number in spaces', ' 5 '),
  variable('an amount below the least', -0.01),
  variable('a half of a whole number', 1.5, 'items'),
  variable('a whole number beyond 2^53', '9007199254740993', 'items'),
  variable('yes for a boolean', 'yes', 'first_order'),
  time('30 February is not 1 March', '2024-02-30T10:00:00Z'),
  time('29 February of another year', '2026-02-29T10:00:00Z'),
  time('a date without a time', '2026-11-20'),
  time('a time without an offset', '2026-11-20T10:00:00'),
  time('seconds since 1970', 1_763_632_800),
  time('24 o’clock', '2026-11-20T24:00:00Z'),
  time('times more than five minutes ahead', '2026-11-20T12:05:01Z'),
  time('events older than their retention', '2024-11-20T10:00:00Z'),
  variable('a date that does not exist in a variable', '2023-02-29T00:00:00Z', 'signed_up_at'),
];

const CARDS: readonly FixedBody[] = [
  secret('a card number as an id', decide({ event: anEvent({ eventId: CARD }) }), 'event.eventId'),
  secret(
    'a card number as an entity',
    decide({ event: anEvent({ entities: { customer: CARD, terminal: 't-1' } }) }),
    'event.entities.customer',
  ),
  secret(
    'a card number in groups within text',
    decide({ event: anEvent({}, { note: 'card 4539 1488 0343 6467!' }) }),
    'event.variables.note',
  ),
  secret(
    'a card number in full-width digits',
    decide({ event: anEvent({}, { note: '４５３９１４８８０３４３６４６７' }) }),
    'event.variables.note',
  ),
  secret(
    'a card number with invisible characters between',
    decide({ event: anEvent({}, { note: CARD.split('').join('\u200b') }) }),
    'event.variables.note',
  ),
  secret('a card number as a number', decide({ event: anEvent({}, { ratio: Number(CARD) }) }), 'event.variables.ratio'),
  secret('a security code', decide({ event: anEvent({}, { cvv: '737' }) }), 'event.variables.cvv'),
  secret(
    'a PIN in a flat event',
    decide({
      event: {
        event_id: 'e-1',

        occurred_at: '2026-11-20T10:00:00Z',
        customer: 'c',
        terminal: 't',
        amount: '5',
        PIN: '1234',
      },
      eventType: 'payment',
    }),
    'event.variables.PIN',
  ),
];

const batch = (body: unknown, headers: Record<string, string> = {}): Call =>
  post('/v1/events', JSON.stringify(body), { headers });
const say = (body: unknown): Call => post('/v1/feedback', JSON.stringify(body));
const label = (changes: Changes = {}): Changes => ({
  eventId: 'e-1',
  eventType: 'payment',
  value: 'fraud',
  source: 'analyst',
  ...changes,
});

const BATCHES: readonly FixedBody[] = [
  invalid('no events', batch({ events: [] }), 'events'),
  invalid('501 events', batch({ events: Array.from({ length: 501 }, () => anEvent()) }), 'events'),
  invalid('events that are texts', batch({ events: ['e-1'] }), 'events.0'),
  invalid('an idempotency key with a space', batch({ events: [anEvent()] }, { 'idempotency-key': 'a b' })),
  invalid(
    'no event that is valid',
    batch({ events: [anEvent({ eventId: '' }), anEvent({}, { amount: 'much' })] }),
    'events.0.eventId',
    'events.1.variables.amount',
  ),
  {
    name: 'one event of three that is valid',
    call: batch({ events: [anEvent(), anEvent({}, { amount: 'much' }), anEvent({ occurredAt: 'now' })] }),
    status: 202,
    reasons: ['wrong_type', 'bad_time'],
  },
  invalid(
    'events of two types',
    batch({ eventType: 'payment', events: [anEvent({ eventType: 'login' })] }),
    'events.0.eventType',
  ),
  secret('nothing but card numbers', batch({ events: [anEvent({ eventId: CARD })] }), 'events.0.eventId'),
  invalid('feedback without a value', say(label({ value: undefined })), 'feedback.0.value'),
  invalid('a label that nobody knows', say(label({ value: 'perhaps' })), 'feedback.0.value'),
  invalid('a value, a label and an action', say(label({ label: 'fraud', action: 'refund' })), 'feedback.0.value'),
  invalid('feedback of another kind', say(label({ kind: 'rumour' })), 'feedback.0.kind'),
  invalid('feedback on 30 February', say(label({ saidAt: '2024-02-30T00:00:00Z' })), 'feedback.0.saidAt'),
  invalid('a list of no feedback', say({ feedback: [] })),
  invalid('feedback with a field that nobody knows', say(label({ colour: 'red' })), 'feedback.0.colour'),
  {
    name: 'feedback on an event type that nobody knows',
    call: say(label({ eventType: 'login' })),
    status: 404,
    code: 'not_found',
  },
  secret('feedback on a card number', say(label({ eventId: CARD })), 'feedback.0.eventId'),
  {
    name: 'one entry of two that is valid',
    call: say({ eventType: 'payment', feedback: [label(), label({ value: 'perhaps' })] }),
    status: 200,
    reasons: ['unknown_label'],
  },
];

/** Bad bodies with exactly what they are answered with. */
export const FIXED_BODIES: readonly FixedBody[] = [
  ...TEXTS,
  ...SHAPES,
  ...EVENTS,
  ...NUMBERS_AND_DATES,
  ...CARDS,
  ...BATCHES,
];

/** What an answer has that it must not have, or the reverse; undefined when it is as expected. */
export const differenceOf = (
  { name, status, code, fields, reasons }: FixedBody,
  answer: { readonly status: number; readonly text: string },
): string | undefined => {
  const body = JSON.parse(answer.text);
  const named = (body.fields as { readonly field: string }[] | undefined)?.map(({ field }) => field);
  const refused = (
    body.results as { readonly problems?: readonly { readonly reason: string }[] }[] | undefined
  )?.flatMap(({ problems = [] }) => problems.map(({ reason }) => reason));
  const got = JSON.stringify({
    status: answer.status,
    code: body.code,
    fields: fields && named,
    reasons: reasons && refused,
  });
  const wanted = JSON.stringify({ status, code, fields, reasons });
  return got === wanted ? undefined : `${name}: ${got} instead of ${wanted}`;
};
