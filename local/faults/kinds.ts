import type { AwsResponse } from '../service.ts';
import type { Fault, FaultyService } from './fault.ts';

/** A fault by the name that people ask for it. */
export interface Kind {
  /** What happens, in a few words. */
  readonly says: string;
  readonly aim: Pick<Fault, 'does' | 'operations'>;
  /** Part of the calls that meet it when nobody says otherwise. */
  readonly share: number;
}

const html = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>0.5</html>' };
const csv = (body: string): AwsResponse => ({ status: 200, headers: { 'content-type': 'text/csv' }, body });

/** Answers that are 200 and none: HTML, no number, no probability, two rows, nothing at all. */
const GARBAGE: readonly AwsResponse[] = [html, csv('nan\n'), csv('17\n'), csv('0.5\n0.6\n'), csv('')];

/** One kind of garbage after the other. */
const garbage = (): (() => AwsResponse) => {
  let next = 0;
  return () => GARBAGE[next++ % GARBAGE.length]!;
};

const THROTTLE: Kind = { says: 'calls are throttled', aim: { does: 'throttle' }, share: 0.05 };

/** All that can be asked for, by service and name. `outage` is every service's, and stands apart. */
export const KINDS: Readonly<Record<FaultyService, Readonly<Record<string, Kind>>>> = {
  dynamodb: {
    throttle: THROTTLE,
    conflict: { says: 'transactions meet another one', aim: { does: 'conflict' }, share: 0.02 },
    'commit-then-timeout': {
      says: 'transactions are committed, and their answers lost',
      aim: { does: 'lose-answer', operations: ['TransactWriteItems'] },
      share: 0.01,
    },
    unprocessed: { says: 'part of a batch is left for another call', aim: { does: 'unprocessed' }, share: 0.05 },
  },
  lambda: {
    kill: { says: 'environments die in the middle of an invocation', aim: { does: 'kill' }, share: 0.03 },
    freeze: { says: 'environments stand still for 1 to 6 seconds', aim: { does: 'freeze' }, share: 0.02 },
  },
  s3: {
    throttle: THROTTLE,
    overwrite: { says: 'a file is replaced for good before it is read', aim: { does: 'overwrite' }, share: 1 },
    delete: { says: 'a file is deleted for good before it is read', aim: { does: 'delete' }, share: 1 },
  },
  sagemaker: {
    throttle: THROTTLE,
    hang: { says: 'endpoints do not answer', aim: { does: 'hang' }, share: 1 },
    '5xx': { says: 'models fail', aim: { does: 'fail' }, share: 1 },
    get garbage() {
      return { says: 'endpoints answer 200 with HTML, NaN or nothing', aim: { does: garbage() }, share: 1 };
    },
    drip: { says: 'answers come a byte at a time', aim: { does: 'drip' }, share: 1 },
  },
  sqs: {
    throttle: THROTTLE,
    duplicate: { says: 'messages are delivered again', aim: { does: 'duplicate' }, share: 0.05 },
    reorder: { says: 'messages are overtaken, groups keep their order', aim: { does: 'reorder' }, share: 0.3 },
    'partial-send': { says: 'batches are taken but for some entries', aim: { does: 'partial-send' }, share: 0.1 },
  },
};

export const OUTAGE = 'outage';
/** How long an outage lasts when nobody says otherwise. */
export const OUTAGE_MS = 30_000;
