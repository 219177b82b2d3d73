import type { Credentials, Host } from '../resources.ts';
import type { FunctionDefinition } from './definition.ts';

/**
 * The whole environment of a function's process, as Lambda sets it, with the function's own variables.
 *
 * Nothing of the developer's environment is in it: a variable that is missing here is missing on AWS.
 *
 * @see AWS Lambda Developer Guide, "Defined runtime environment variables".
 */
export const processEnvironment = (
  definition: FunctionDefinition,
  {
    host,
    credentials,
    taskRoot,
    temporaryFolder,
    runtimeApi,
    logStream,
  }: {
    host: Pick<Host, 'region' | 'endpoint' | 'withLocalUrls'>;
    credentials: Credentials;
    taskRoot: string;
    temporaryFolder: string;
    runtimeApi: string;
    logStream: string;
  },
): Record<string, string> => ({
  LANG: 'en_US.UTF-8',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  TMPDIR: temporaryFolder,
  ...Object.fromEntries(Object.entries(definition.variables).map(([name, value]) => [name, host.withLocalUrls(value)])),
  TZ: ':UTC',
  _HANDLER: definition.handler,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  ...(credentials.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
  AWS_DEFAULT_REGION: host.region,
  AWS_REGION: host.region,
  AWS_ENDPOINT_URL: host.endpoint,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
  AWS_LAMBDA_FUNCTION_NAME: definition.name,
  AWS_LAMBDA_FUNCTION_VERSION: definition.version,
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
  AWS_LAMBDA_LOG_STREAM_NAME: logStream,
  AWS_LAMBDA_RUNTIME_API: runtimeApi,
  AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
  LAMBDA_TASK_ROOT: taskRoot,
});
