import { Random } from '../../bin/simulation/random.ts';
import { type Group, resultOf } from '../prove/group.ts';
import { bodyContradictionOf, contradictionOf } from '../support/openapi.ts';
import { type Call, type CallAnswer, type Doors, leakOf, openDoors } from './doors.ts';
import { mutatedText } from './mutate-json.ts';
import { validBody } from './valid-bodies.ts';

const COUNTS = { small: 500, quick: 10_000, nightly: 1_000_000 } as const;
/** Bodies after which the doors are opened anew, so that stores do not grow. */
const PER_WORLD = 2_000;
/** Least share of bodies that must still be accepted: a fuzz that is always refused at the first check shows nothing. */
export const LEAST_ACCEPTED = 0.3;

/** Headers, of which most are harmless. */
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  {},
  {},
  {},
  {},
  { 'content-type': 'application/json; charset=utf-8' },
  { 'Assay-Budget-Ms': '2000' },
  { 'Assay-Budget-Ms': '-1' },
  { 'Content-Type': 'text/plain' },
  { 'Content-Encoding': 'gzip' },
  { 'X-Correlation-Id': `Zq7 ${'x'.repeat(200)}` },
];

/** The call that number `index` of a seed makes: the same again for the same two. */
export const callOf = (seed: number, index: number): Call => {
  const random = new Random(seed, 'body', index);
  const { path, body } = validBody(random);
  const text = mutatedText(body, random);
  const base64 = random.chance(0.1);
  const key: Record<string, string> = random.chance(0.05)
    ? { 'idempotency-key': random.chance(0.5) ? 'one' : 'a b' }
    : {};
  const headers = { ...HEADERS[random.whole(0, HEADERS.length - 1)]!, ...key };
  return { method: 'POST', path, body: base64 ? Buffer.from(text).toString('base64') : text, base64, headers };
};

/** What is wrong with an answer to a call; undefined when nothing is. */
export const faultOf = (call: Call, answer: CallAnswer): string | undefined => {
  const { status, text } = answer;
  if (status >= 500) return `answers ${status}: ${text.slice(0, 200)}`;
  const leak = leakOf(answer);
  if (leak) return `${leak}: ${text.slice(0, 200)}`;
  const body: unknown = JSON.parse(text);
  const contradiction = contradictionOf({ ...call, ...answer, body });
  if (contradiction) return contradiction;
  const sent = call.base64 ? Buffer.from(call.body!, 'base64').toString() : call.body!;
  // Whatever is accepted must be documented as acceptable.
  return status < 300
    ? bodyContradictionOf(call.method, call.path, JSON.parse(sent.replace(/^\ufeff/, '')))
    : undefined;
};

/** Sends mutated bodies to the real handlers. */
export const apiBodies: Group = {
  name: 'bad-api-bodies',
  quick: '10k mutated bodies',
  nightly: '1M mutated bodies',
  run: async ({ scale, seed, onProgress }) => {
    const total = COUNTS[scale];
    const problems: string[] = [];
    const byStatus = new Map<number, number>();
    let doors: Doors = openDoors();
    for (let index = 0; index < total; index++) {
      if (index % PER_WORLD === 0) {
        doors = openDoors();
        onProgress(index / total);
      }
      const call = callOf(seed, index);
      const answer = await doors.send(call);
      byStatus.set(answer.status, (byStatus.get(answer.status) ?? 0) + 1);
      const fault = faultOf(call, answer);
      if (fault && problems.length < 20) problems.push(`body ${index} of seed ${seed} to ${call.path} ${fault}`);
    }
    const accepted = [...byStatus].reduce((sum, [status, times]) => sum + (status < 300 ? times : 0), 0);
    if (accepted < LEAST_ACCEPTED * total) problems.push(`only ${accepted} of ${total} bodies were accepted`);
    if (Object.hasOwn(Object.prototype, 'polluted')) problems.push('a body has reached the prototype of all objects');
    const counts = { bodies: total, accepted, refused: total - accepted };
    return resultOf(
      { counts, seeds: [seed] },
      'no 500, no stack, no value repeated; answers are as documented',
      problems,
    );
  },
};
