import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { KnownCredentials } from '../credentials/credentials.ts';
import { AwsError } from '../errors.ts';

/** A request as far as its signature covers it. */
export interface SignedRequest {
  readonly method: string;
  /** Path as sent, still percent-encoded. */
  readonly path: string;
  /** Query as sent, without the question mark. */
  readonly rawQuery: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a signature claims, before it is checked. */
export interface Claim {
  readonly accessKeyId: string;
  readonly scope: { readonly date: string; readonly region: string; readonly service: string };
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20261122T061500Z`. */
  readonly signedAt: string;
  /** Seconds that a presigned URL lives; undefined for a signature in the headers. */
  readonly expiresInSeconds: number | undefined;
  readonly sessionToken: string | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SKEW_SECONDS = 15 * 60;
const LONGEST_LIFE_SECONDS = 7 * 24 * 3600;

/**
 * Reads who signed a request and for which service.
 *
 * @throws {AwsError} MissingAuthenticationToken without any signature, IncompleteSignature for a malformed one.
 */
export const readClaim = ({ headers, rawQuery }: SignedRequest): Claim => {
  const query = new URLSearchParams(rawQuery);
  if (query.has('X-Amz-Signature')) {
    return claimOf({
      algorithm: query.get('X-Amz-Algorithm'),
      credential: query.get('X-Amz-Credential'),
      signedHeaders: query.get('X-Amz-SignedHeaders'),
      signature: query.get('X-Amz-Signature'),
      signedAt: query.get('X-Amz-Date'),
      expires: query.get('X-Amz-Expires') ?? '',
      sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    });
  }
  const header = headers.authorization;
  if (!header) throw new AwsError('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  const [algorithm, ...rest] = header.split(' ');
  const fields = new Map(
    rest
      .join(' ')
      .split(',')
      .map((field): [string, string] => {
        const equals = field.indexOf('=');
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()];
      }),
  );
  return claimOf({
    algorithm,
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    signedAt: headers['x-amz-date'],
    expires: undefined,
    sessionToken: headers['x-amz-security-token'],
  });
};

type Loose = string | null | undefined;

const claimOf = (source: {
  algorithm: Loose;
  credential: Loose;
  signedHeaders: Loose;
  signature: Loose;
  signedAt: Loose;
  expires: string | undefined;
  sessionToken: string | undefined;
}): Claim => {
  const [accessKeyId, date, region, service, end, ...more] = (source.credential ?? '').split('/');
  const complete =
    source.algorithm === ALGORITHM &&
    accessKeyId &&
    date &&
    region &&
    service &&
    end === 'aws4_request' &&
    more.length === 0 &&
    source.signedHeaders &&
    /^[0-9a-f]{64}$/.test(source.signature ?? '') &&
    /^\d{8}T\d{6}Z$/.test(source.signedAt ?? '') &&
    (source.expires === undefined || /^\d{1,6}$/.test(source.expires));
  if (!complete) {
    throw new AwsError(
      'IncompleteSignature',
      `the signature is malformed; sign with ${ALGORITHM}, a full credential scope, SignedHeaders, Signature and X-Amz-Date`,
      403,
    );
  }
  return {
    accessKeyId,
    scope: { date, region, service },
    signedHeaders: (source.signedHeaders ?? '').split(';'),
    signature: source.signature ?? '',
    signedAt: source.signedAt ?? '',
    expiresInSeconds: source.expires === undefined ? undefined : Number(source.expires),
    sessionToken: source.sessionToken,
  };
};

/** What stands in the signed request for its body. */
export const EMPTY_BODY_HASH = createHash('sha256').digest('hex');

/**
 * Checks a signature, version 4.
 *
 * @param payloadHash - the hash that the signature must cover: of the body, or what `x-amz-content-sha256` says.
 * @throws {AwsError} naming what does not hold: key, token, clock, scope, or the signature itself.
 * @see AWS Signature Version 4 for API requests, "Create a signed AWS API request".
 */
export const verifySignature = (
  request: SignedRequest,
  claim: Claim,
  credentials: KnownCredentials | undefined,
  { payloadHash, nowMs, region }: { payloadHash: string; nowMs: number; region: string },
): void => {
  if (!credentials) {
    throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
  }
  if (credentials.sessionToken !== claim.sessionToken) {
    throw new AwsError('InvalidClientTokenId', 'The session token does not belong to the access key.', 403);
  }
  if (claim.scope.region !== region) {
    throw new AwsError('SignatureDoesNotMatch', `Credential should be scoped to a valid region: '${region}'.`, 403);
  }
  checkTime(claim, nowMs);
  checkSignedHeaders(request, claim);

  const stringToSign = [
    ALGORITHM,
    claim.signedAt,
    `${claim.scope.date}/${claim.scope.region}/${claim.scope.service}/aws4_request`,
    createHash('sha256')
      .update(canonicalRequest(request, claim, payloadHash))
      .digest('hex'),
  ].join('\n');
  const expected = hmac(signingKey(credentials.secretAccessKey, claim.scope), stringToSign);
  if (!timingSafeEqual(expected, Buffer.from(claim.signature, 'hex'))) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your secret access key and signing method.',
      403,
    );
  }
};

const checkTime = ({ signedAt, scope, expiresInSeconds }: Claim, nowMs: number): void => {
  if (!signedAt.startsWith(scope.date)) {
    throw new AwsError('SignatureDoesNotMatch', 'The date of the credential scope is not that of X-Amz-Date.', 403);
  }
  const ageSeconds = (nowMs - instantOf(signedAt)) / 1000;
  if (expiresInSeconds === undefined ? Math.abs(ageSeconds) > SKEW_SECONDS : ageSeconds < -SKEW_SECONDS) {
    throw new AwsError(
      'RequestTimeTooSkewed',
      `Signature not current: signed at ${signedAt}, more than 15 minutes away; set the clock right.`,
      403,
    );
  }
  if (expiresInSeconds === undefined) return;
  if (expiresInSeconds < 1 || expiresInSeconds > LONGEST_LIFE_SECONDS) {
    throw new AwsError('AuthorizationQueryParametersError', 'X-Amz-Expires must be between 1 and 604800 seconds', 400);
  }
  if (ageSeconds > expiresInSeconds) throw new AwsError('AccessDenied', 'Request has expired', 403);
};

/** What is not signed could be changed on the way; `host` and everything of `x-amz-` must be covered. */
const checkSignedHeaders = ({ headers }: SignedRequest, { signedHeaders }: Claim): void => {
  const required = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const missing = required.find((name) => !signedHeaders.includes(name));
  if (missing !== undefined) {
    throw new AwsError('SignatureDoesNotMatch', `There were headers present that were not signed: ${missing}`, 403);
  }
};

const canonicalRequest = (request: SignedRequest, claim: Claim, payloadHash: string): string =>
  [
    request.method,
    claim.scope.service === 's3' ? request.path : canonicalPath(request.path),
    canonicalQuery(request.rawQuery),
    ...claim.signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    claim.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');

/** Every service but S3 normalises the path and encodes it once more than it was sent. */
const canonicalPath = (path: string): string => {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(encode(segment));
  }
  const trailing = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.join('/')}${trailing}`;
};

const canonicalQuery = (rawQuery: string): string =>
  rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [recode(pair), ''] : [recode(pair.slice(0, equals)), recode(pair.slice(equals + 1))];
    })
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const recode = (text: string): string => {
  try {
    return encode(decodeURIComponent(text));
  } catch {
    return encode(text);
  }
};

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const hmac = (key: string | Buffer | KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

const MOST_KEYS = 500;
const signingKeys = new Map<string, KeyObject>();

/** The key of one day, region and service. Four of the five HMACs of a request are the same all day. */
const signingKey = (secret: string, { date, region, service }: Claim['scope']): KeyObject => {
  const name = [secret, date, region, service].join('\n');
  const known = signingKeys.get(name);
  if (known) return known;
  const key = createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request'));
  if (signingKeys.size >= MOST_KEYS) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
};

const instantOf = (stamp: string): number =>
  Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
