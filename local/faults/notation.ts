import { nearestName } from '#rules/suggest.ts';
import { type Fault, type FaultyService, WITHIN } from './fault.ts';
import { KINDS, type Kind, OUTAGE, OUTAGE_MS } from './kinds.ts';

/** A fault that somebody has asked for. */
export interface AskedFault {
  /** In full, with what was left to defaults: `dynamodb=throttle:5%`. */
  readonly text: string;
  readonly fault: Fault;
  /** Milliseconds from when the faults are to begin. */
  readonly beginMs: number;
  /** Milliseconds that it lasts; absent: to the end. */
  readonly lastsMs?: number;
}

/** A fault that cannot be read; the message says what there is instead. */
export class FaultNotationError extends Error {
  override readonly name = 'FaultNotationError';
}

const NOTATION = /^([^=:@]+)=([^=:@]+)(?::([^=:@]*))?(?:@([^=:@]*))?$/;
/** All but the developer, whose own calls bring the file in and watch it. */
const EVERYONE_ELSE = /^(?!.*:user\/developer$)/;

/**
 * Reads `<service>=<kind>[:<share>%][@<begin>]`, such as `sqs=duplicate:5%`, or `<service>=outage[:<length>][@<begin>]`,
 * such as `dynamodb=outage:30s@10s`: an outage of 30 seconds that begins 10 seconds after the drop.
 *
 * Durations are a number with `ms`, `s` or `m`. The faults meet functions and services, never the developer.
 *
 * @throws {FaultNotationError} that names what is wrong and what there is instead.
 */
export const parseFault = (text: string): AskedFault => {
  const [, serviceName, kindName, value, begin] = NOTATION.exec(text.trim()) ?? [];
  if (serviceName === undefined || kindName === undefined) {
    throw new FaultNotationError(`'${text}' is no fault; write service=kind, such as dynamodb=throttle:5%`);
  }
  const service = serviceOf(serviceName);
  const beginMs = begin === undefined ? 0 : durationOf(begin, `'@${begin}'`);
  const opening = begin === undefined ? '' : `@${begin}`;
  if (kindName === OUTAGE) {
    const lastsMs = value === undefined ? OUTAGE_MS : durationOf(value, `the length of an outage, '${value}'`);
    if (lastsMs === 0) throw new FaultNotationError('an outage of no length strikes nothing; write 500ms, 30s or 2m');
    const fault: Fault = { service, does: 'fail', callers: EVERYONE_ELSE };
    return { text: `${service}=${OUTAGE}:${lastsMs / 1000}s${opening}`, fault, beginMs, lastsMs };
  }
  const kind = kindOf(service, kindName);
  const share = value === undefined ? kind.share : shareOf(value);
  // Lambda's callers are the functions themselves, whoever invokes them.
  const fault: Fault = { service, ...kind.aim, share, ...(service !== 'lambda' && { callers: EVERYONE_ELSE }) };
  return { text: `${service}=${kindName}:${Number((share * 100).toPrecision(6))}%${opening}`, fault, beginMs };
};

const SERVICES = Object.keys(WITHIN) as FaultyService[];

const serviceOf = (name: string): FaultyService => {
  const service = SERVICES.find((candidate) => candidate === name);
  if (service) return service;
  throw new FaultNotationError(`'${name}' cannot be made to fail; ${choice(name, SERVICES)}`);
};

const kindOf = (service: FaultyService, name: string): Kind => {
  const kind = Object.hasOwn(KINDS[service], name) ? KINDS[service][name] : undefined;
  if (kind) return kind;
  throw new FaultNotationError(
    `${service} has no fault '${name}'; ${choice(name, [...Object.keys(KINDS[service]), OUTAGE])}`,
  );
};

const choice = (name: string, names: readonly string[]): string => {
  const meant = nearestName(name, names);
  return `${meant === undefined ? '' : `did you mean ${meant}? `}there are ${names.join(', ')}`;
};

const shareOf = (text: string): number => {
  const share = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN) / 100;
  if (share > 0 && share <= 1) return share;
  throw new FaultNotationError(`a share is above 0% and at most 100%, such as 5%; '${text}' is not`);
};

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** A timer takes less than a month, and fires at once when it is told more. */
const LONGEST_MS = 24 * 60 * 60_000;

const durationOf = (text: string, what: string): number => {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS_MS[unit] ?? Number.NaN);
  if (ms <= LONGEST_MS) return ms;
  throw new FaultNotationError(`${what} is no duration of a day at most; write 500ms, 30s or 2m`);
};

/** What can be asked for, a line each, for those who ask for help. */
export const faultsInWords = (): string =>
  [
    'Faults (--fault service=kind[:share%][@begin], as often as wanted; they meet functions and services, never you):',
    ...SERVICES.flatMap((service) =>
      Object.entries(KINDS[service]).map(
        ([name, { says, share }]) => `  ${`${service}=${name}`.padEnd(30)} ${says} (${share * 100}% unless told)`,
      ),
    ),
    `  ${'<service>=outage:30s@10s'.padEnd(30)} fails for 30 s, from 10 s after the drop on`,
  ].join('\n');
