import { SignatureV4 } from '@smithy/signature-v4';

import { NodeSha256 } from '../local/support/signing.ts';
import type { TestSystem } from './system.ts';

export interface RawRequest {
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** Below the stage, encoded. */
  readonly path: string;
  /** As it is sent. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default the developer's */
  readonly secretAccessKey?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly text: string;
}

/** Sends exactly this text, well signed or not: what a client of another making may do. */
export const sendSigned = async (
  { system }: TestSystem,
  { method = 'POST', path, text, headers = {}, secretAccessKey }: RawRequest,
): Promise<RawAnswer> => {
  const url = new URL(path, system.apiUrl);
  const known = system.credentials ?? { accessKeyId: '', secretAccessKey: '' };
  const signer = new SignatureV4({
    service: 'execute-api',
    region: system.region,
    credentials: secretAccessKey === undefined ? known : { ...known, secretAccessKey },
    sha256: NodeSha256,
  });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, 'content-type': 'application/json', ...headers },
    ...(text !== undefined && { body: text }),
  });
  return answerOf(await fetch(url, { method, headers: signed.headers, ...(text !== undefined && { body: text }) }));
};

/** Sends a request that nobody has signed. */
export const sendUnsigned = async ({ system }: TestSystem, path: string, text: string): Promise<RawAnswer> =>
  answerOf(await fetch(new URL(path, system.apiUrl), { method: 'POST', body: text }));

const answerOf = async (answer: Response): Promise<RawAnswer> => ({
  status: answer.status,
  contentType: answer.headers.get('content-type'),
  text: await answer.text(),
});

/** The milliseconds that something took, with what it gave. */
export const timed = async <Result>(work: () => Promise<Result>): Promise<{ result: Result; ms: number }> => {
  const started = performance.now();
  const result = await work();
  return { result, ms: performance.now() - started };
};

/** A transfer of just now, as a client sends it. */
export const aTransfer = (eventId: string, { amount = 500, payer = 'payer-1', payee = 'payee-1' } = {}) => ({
  eventId,
  eventType: 'transfer',
  occurredAt: new Date().toISOString(),
  entities: { payer, payee },
  variables: { amount },
});

/** An order of just now, as a client sends it. */
export const anOrder = (eventId: string, amount = 100) => ({
  eventId,
  eventType: 'order',
  occurredAt: new Date().toISOString(),
  entities: { customer: 'customer-1', device: 'device-1' },
  variables: { amount, email: 'someone@example.com' },
});

/** What a caller may have to wait beyond its budget: the way to the function and back, on a machine that is busy. */
export const TOLERANCE_MS = 250;
