import { createHash } from 'node:crypto';
import type { CredentialStore } from '../credentials/credentials.ts';
import { AwsError } from '../errors.ts';
import { type Claim, readClaim, type SignedRequest, verifySignature } from '../http/signature.ts';
import { invokeFunction } from '../inside.ts';
import { type Host, servicePrincipal } from '../resources.ts';
import type { AwsResponse, Principal } from '../service.ts';
import type { Method, RestApi, Stage } from './definition.ts';
import type { FailureType, GatewayFailure } from './gateway-responses.ts';
import { type GatewayRequest, proxyEvent, proxyResponse } from './proxy.ts';
import type { Route } from './routes.ts';

/** Thrown where the gateway answers by itself. */
export class GatewayError extends Error {
  readonly failure: GatewayFailure;

  constructor(type: FailureType, message: string, rest: Pick<GatewayFailure, 'validationError' | 'status'> = {}) {
    super(message);
    this.failure = { type, message, ...rest };
  }
}

export interface GatewayHost
  extends Pick<Host, 'region' | 'accountId' | 'authorise' | 'call' | 'assumeRole' | 'notice'> {
  readonly credentials: CredentialStore;
}

/**
 * Proves who calls, and that they may call this method.
 *
 * @returns undefined for a method that asks for no signature.
 * @throws {GatewayError} in the type that API Gateway gives to each kind of refusal.
 */
export const authenticate = (
  request: GatewayRequest,
  signed: SignedRequest,
  { api, stage, route }: { api: RestApi; stage: Stage; route: Route },
  { region, accountId, authorise, credentials }: GatewayHost,
): Principal | undefined => {
  if (!route.method.iam) return undefined;
  try {
    const claim = readClaim(signed);
    const known = credentials.find(claim.accessKeyId);
    checkScope(claim);
    const payloadHash = createHash('sha256').update(request.body).digest('hex');
    verifySignature(signed, claim, known, { payloadHash, nowMs: request.receivedAt.getTime(), region });
    if (!known) throw new Error('a signature was accepted without credentials');
    const resource = `arn:aws:execute-api:${region}:${accountId}:${api.id}/${stage.name}/${request.method}${request.path}`;
    authorise(known.principal, [{ action: 'execute-api:Invoke', resource }]);
    return known.principal;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const type = REFUSALS[error.code] ?? 'INVALID_SIGNATURE';
    throw new GatewayError(type, error.message);
  }
};

const REFUSALS: Readonly<Record<string, FailureType>> = {
  AccessDenied: 'ACCESS_DENIED',
  MissingAuthenticationToken: 'MISSING_AUTHENTICATION_TOKEN',
};

const checkScope = ({ scope }: Claim): void => {
  if (scope.service !== 'execute-api') {
    throw new AwsError('SignatureDoesNotMatch', "Credential should be scoped to correct service: 'execute-api'.", 403);
  }
};

/**
 * Checks parameters and body as the method's validator says.
 *
 * @throws {GatewayError} BAD_REQUEST_PARAMETERS or BAD_REQUEST_BODY.
 */
export const validate = (request: GatewayRequest, api: RestApi, { method, pathParameters }: Route): void => {
  const validator = api.validators.get(method.validatorId ?? '');
  if (validator?.parameters) checkParameters(request, method, pathParameters ?? {});
  if (validator?.body) checkBody(request, api, method);
};

const checkParameters = (
  request: GatewayRequest,
  { requestParameters }: Method,
  pathParameters: Readonly<Record<string, string>>,
): void => {
  const query = new URLSearchParams(request.rawQuery);
  const missing = Object.entries(requestParameters)
    .filter(([, required]) => required)
    .map(([parameter]) => parameter.split('.').slice(2))
    .filter(([place = '', ...rest]) => {
      const name = rest.join('.');
      if (place === 'querystring') return !query.get(name);
      return place === 'header' ? !request.headers[name.toLowerCase()] : !pathParameters[name];
    })
    .map(([, ...rest]) => rest.join('.'));
  if (missing.length > 0) {
    throw new GatewayError('BAD_REQUEST_PARAMETERS', `Missing required request parameters: [${missing.join(', ')}]`);
  }
};

const checkBody = (request: GatewayRequest, api: RestApi, { requestModels }: Method): void => {
  const contentType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? 'application/json';
  const test = api.models.get(requestModels[contentType] ?? requestModels.$default ?? '');
  if (!test) return;
  const validationError = test(jsonIn(request.body));
  if (validationError) throw new GatewayError('BAD_REQUEST_BODY', 'Invalid request body', { validationError });
};

const jsonIn = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new GatewayError('BAD_REQUEST_BODY', 'Invalid request body', { validationError: '[the body is not JSON]' });
  }
};

/**
 * Asks the function behind a method.
 *
 * @throws {GatewayError} INTEGRATION_TIMEOUT, API_CONFIGURATION_ERROR when API Gateway may not invoke it, and
 *   DEFAULT_5XX (502) when it fails or answers in another shape than a proxy integration must.
 */
export const integrate = async (
  request: GatewayRequest,
  { api, stage, route }: { api: RestApi; stage: Stage; route: Route },
  requestContext: Readonly<Record<string, unknown>>,
  host: GatewayHost,
): Promise<AwsResponse> => {
  const { method } = route;
  const sourceArn = `arn:aws:execute-api:${host.region}:${host.accountId}:${api.id}/${stage.name}/${request.method}${route.resourcePath}`;
  const event = JSON.stringify(proxyEvent(request, api, stage, route, requestContext));
  try {
    const principal = method.credentialsArn
      ? host.assumeRole(method.credentialsArn, 'apigateway.amazonaws.com').principal
      : servicePrincipal('apigateway.amazonaws.com', sourceArn, host.accountId);
    const invocation = await within(
      method.timeoutMs,
      invokeFunction(host, principal, method.functionArn, event, 'RequestResponse'),
    );
    const response = invocation.functionError
      ? undefined
      : proxyResponse(invocation.payload, api, request.headers.accept);
    if (response) return response;
    host.notice(`${request.method} ${route.resourcePath}: the function failed or answered without a status (502)`);
    throw new GatewayError('DEFAULT_5XX', 'Internal server error', { status: 502 });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    host.notice(`${request.method} ${route.resourcePath}: ${error.message}`);
    const forbidden = error.code.startsWith('AccessDenied') || error.code === 'ResourceNotFoundException';
    throw new GatewayError(forbidden ? 'API_CONFIGURATION_ERROR' : 'DEFAULT_5XX', 'Internal server error');
  }
};

/** Answers after the deadline; the function goes on, as it does on AWS. */
const within = async <Value>(timeoutMs: number, work: Promise<Value>): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GatewayError('INTEGRATION_TIMEOUT', 'Endpoint request timed out')), timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
};
