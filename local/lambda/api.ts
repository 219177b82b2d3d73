import { randomUUID } from 'node:crypto';
import { readBody } from '../bodies.ts';
import { AwsError } from '../errors.ts';
import type { Authorise, AwsRequest, AwsResponse } from '../service.ts';
import type { AsynchronousQueue } from './asynchronous.ts';
import type { DeployedFunction } from './deployed-function.ts';
import type { Outcome } from './environment.ts';
import type { Request } from './fleet.ts';
import type { Functions } from './functions.ts';
import type { MappingDescription } from './mappings/definition.ts';
import { functionNameIn, functionNotFound } from './names.ts';

/** What Lambda's API answers from. */
export interface LambdaApi {
  readonly functions: Functions;
  readonly asynchronous: AsynchronousQueue;
  readonly accountId: string;
  readonly region: string;
  /** Runs an invocation while the caller waits. @throws {AwsError} TooManyRequestsException. */
  invoke(deployed: DeployedFunction, request: Request): Promise<Outcome>;
  mappings(): readonly MappingDescription[];
}

const LARGEST_PAYLOAD_BYTES = 6 * 1024 * 1024;
const LARGEST_EVENT_BYTES = 1024 * 1024;

const FUNCTION_PATH = /^\/2015-03-31\/functions\/([^/]+)(?:\/(invocations|configuration|policy))?$/;
/** The documentation has it with a slash at the end, the SDK without. */
const MAPPINGS_PATHS = ['/2015-03-31/event-source-mappings', '/2015-03-31/event-source-mappings/'];

/** Answers one call: Invoke, GetFunction, GetFunctionConfiguration, GetPolicy or ListEventSourceMappings. */
export const answerLambda = async (api: LambdaApi, request: AwsRequest, authorise: Authorise): Promise<AwsResponse> => {
  if (request.method === 'GET' && MAPPINGS_PATHS.includes(request.path)) return listMappings(api, request, authorise);
  const [, encoded, what] = FUNCTION_PATH.exec(request.path) ?? [];
  if (encoded === undefined) throw unknownOperation(request);
  const name = functionNameIn(decodeURIComponent(encoded), request.query.get('Qualifier'));
  if (what === 'invocations' && request.method === 'POST') return invoke(api, name, request, authorise);
  if (request.method !== 'GET' || what === 'invocations') throw unknownOperation(request);
  return describe(api, name, what, request, authorise);
};

const invoke = async (
  { functions, asynchronous, invoke: run }: LambdaApi,
  name: string,
  { headers, body, principal }: AwsRequest,
  authorise: Authorise,
): Promise<AwsResponse> => {
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  authorise(principal, [functions.needFor(name, 'lambda:InvokeFunction')]);
  const deployed = functions.find(name);
  if (!deployed) throw functionNotFound(functions.needFor(name, '').resource);
  if (type === 'DryRun') return { status: 204 };

  const traceId = headers['x-amzn-trace-id'];
  const clientContext = headers['x-amz-client-context'];
  const request = {
    payload: await payloadIn(body, type === 'Event' ? LARGEST_EVENT_BYTES : LARGEST_PAYLOAD_BYTES),
    ...(traceId === undefined ? {} : { traceId }),
    ...(clientContext === undefined ? {} : { clientContext: contextIn(clientContext) }),
  };
  if (type === 'Event') {
    const requestId = asynchronous.add({ functionName: name, traceId, clientContext: undefined, ...request });
    return { status: 202, headers: { 'x-amzn-requestid': requestId } };
  }
  if (type !== 'RequestResponse') {
    throw new AwsError('InvalidParameterValueException', 'InvocationType must be RequestResponse, Event or DryRun');
  }
  const requestId = randomUUID();
  const { payload, functionError } = await run(deployed, { ...request, requestId });
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amz-executed-version': deployed.definition.version,
      ...(functionError === undefined ? {} : { 'x-amz-function-error': functionError }),
    },
    body: payload,
  };
};

const payloadIn = async (body: AwsRequest['body'], limitBytes: number): Promise<string> => {
  const bytes = await readBody(body, limitBytes).catch((error: unknown) => {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      'RequestTooLargeException',
      `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`,
      413,
    );
  });
  const text = bytes.toString('utf8');
  if (text === '') return '{}';
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json');
  }
  return text;
};

const contextIn = (header: string): string => {
  const text = Buffer.from(header, 'base64').toString('utf8');
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new AwsError('InvalidRequestContentException', 'X-Amz-Client-Context is not JSON in base64');
  }
};

const describe = (
  { functions }: LambdaApi,
  name: string,
  what: string | undefined,
  { principal }: AwsRequest,
  authorise: Authorise,
): AwsResponse => {
  const action = { configuration: 'lambda:GetFunctionConfiguration', policy: 'lambda:GetPolicy' }[what ?? ''];
  authorise(principal, [functions.needFor(name, action ?? 'lambda:GetFunction')]);
  const deployed = functions.find(name);
  if (!deployed) throw functionNotFound(functions.needFor(name, '').resource);
  if (what === 'configuration') return json(configurationOf(deployed));
  if (what === 'policy') {
    const policy = functions.policyOf(name);
    if (!policy) throw new AwsError('ResourceNotFoundException', 'The resource has no policy.', 404, { Type: 'User' });
    return json({ Policy: JSON.stringify(policy) });
  }
  const { reservedConcurrency } = deployed.definition;
  return json({
    Configuration: configurationOf(deployed),
    Code: { RepositoryType: 'S3' },
    ...(reservedConcurrency === undefined
      ? {}
      : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
  });
};

/** Values of variables stay out of it: they are the function's own. */
const configurationOf = ({ definition }: DeployedFunction) => ({
  FunctionName: definition.name,
  FunctionArn: definition.arn,
  Description: definition.description,
  Runtime: 'nodejs24.x',
  PackageType: 'Zip',
  Role: definition.roleArn,
  Handler: definition.handler,
  Timeout: definition.timeoutSeconds,
  MemorySize: definition.memoryMb,
  LoggingConfig: { LogFormat: 'Text', LogGroup: definition.logGroup },
  TracingConfig: { Mode: definition.traced ? 'Active' : 'PassThrough' },
  Version: definition.version,
  State: 'Active',
  LastUpdateStatus: 'Successful',
});

const listMappings = (
  { functions, mappings, region, accountId }: LambdaApi,
  { query, principal }: AwsRequest,
  authorise: Authorise,
): AwsResponse => {
  const resource = `arn:aws:lambda:${region}:${accountId}:event-source-mapping:*`;
  authorise(principal, [{ action: 'lambda:ListEventSourceMappings', resource }]);
  const wanted = query.get('FunctionName');
  const functionArn = wanted === null ? undefined : functions.needFor(functionNameIn(wanted), '').resource;
  const source = query.get('EventSourceArn');
  return json({
    EventSourceMappings: mappings()
      .filter(({ FunctionArn }) => functionArn === undefined || FunctionArn === functionArn)
      .filter(({ EventSourceArn }) => source === null || EventSourceArn === source),
  });
};

const json = (value: unknown): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

const unknownOperation = ({ method, path }: AwsRequest): AwsError =>
  new AwsError('UnknownOperationException', `lambda: ${method} ${path} is not emulated`, 404);
