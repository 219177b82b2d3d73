import { DeploymentError } from '../errors.ts';

/** When a schedule is due next, after an instant; both in milliseconds since 1970. Undefined: never again. */
export type Schedule = (afterMs: number) => number | undefined;

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads `rate(5 minutes)` or `cron(0 3 ? * MON-FRI *)`, in UTC.
 *
 * @throws {DeploymentError} for any other expression, and for cron's `L`, `W` and `#`.
 * @see Amazon EventBridge cron and rate expressions.
 */
export const readSchedule = (expression: string): Schedule => {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) {
    const everyMs = Number(rate[1]) * (UNIT_MS[rate[2] ?? ''] ?? 0);
    if (everyMs > 0) return (afterMs) => afterMs + everyMs;
  }
  const cron = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(' ');
  if (cron?.length === 6) return readCron(cron, expression);
  throw new DeploymentError(`ScheduleExpression '${expression}' is not emulated; use rate(…) or cron(…)`);
};

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const LAST_YEAR = 2199;

const readCron = (fields: readonly string[], expression: string): Schedule => {
  const [minutes, hours, daysOfMonth, months, daysOfWeek, years] = [
    { min: 0, max: 59 },
    { min: 0, max: 23 },
    { min: 1, max: 31 },
    { min: 1, max: 12, names: MONTHS },
    { min: 1, max: 7, names: DAYS },
    { min: 1970, max: LAST_YEAR },
  ].map((range, index) => readField(fields[index] ?? '', range, expression)) as [
    Field,
    Field,
    Field,
    Field,
    Field,
    Field,
  ];

  return (afterMs) => {
    const at = new Date(Math.floor(afterMs / 60_000) * 60_000 + 60_000);
    while (at.getUTCFullYear() <= LAST_YEAR) {
      if (!years.has(at.getUTCFullYear())) {
        at.setTime(Date.UTC(at.getUTCFullYear() + 1, 0, 1));
      } else if (!months.has(at.getUTCMonth() + 1)) {
        at.setTime(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
      } else if (!daysOfMonth.has(at.getUTCDate()) || !daysOfWeek.has(at.getUTCDay() + 1)) {
        at.setTime(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1));
      } else if (!hours.has(at.getUTCHours())) {
        at.setUTCHours(at.getUTCHours() + 1, 0);
      } else if (!minutes.has(at.getUTCMinutes())) {
        at.setUTCMinutes(at.getUTCMinutes() + 1);
      } else {
        return at.getTime();
      }
    }
    return undefined;
  };
};

type Field = ReadonlySet<number>;

const readField = (
  field: string,
  { min, max, names = [] }: { min: number; max: number; names?: readonly string[] },
  expression: string,
): Field => {
  const numberOf = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + min : Number(text);
    if (/^\w+$/.test(text) && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new DeploymentError(`ScheduleExpression '${expression}': '${field}' is not understood`);
  };
  const chosen = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const everything = range === '*' || range === '?';
    const [from = '', to] = range.split('-');
    const first = everything ? min : numberOf(from);
    const last = everything || (step !== undefined && to === undefined) ? max : numberOf(to ?? from);
    const stride = step === undefined ? 1 : Number(step);
    if (!(stride >= 1)) throw new DeploymentError(`ScheduleExpression '${expression}': '${part}' is not understood`);
    for (let value = first; value <= last; value += stride) chosen.add(value);
  }
  return chosen;
};
