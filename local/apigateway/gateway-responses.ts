import { DeploymentError } from '../errors.ts';
import type { Properties } from '../resources.ts';
import type { AwsResponse } from '../service.ts';
import { type Context, contextValue, fillTemplate } from './context.ts';

/** A failure that the gateway itself answers. */
export interface GatewayFailure {
  readonly type: FailureType;
  readonly message: string;
  /** What is wrong with a body, for `$context.error.validationErrorString`. */
  readonly validationError?: string;
  /** Takes the place of the type's usual status. */
  readonly status?: number;
}

const STATUS = {
  ACCESS_DENIED: 403,
  API_CONFIGURATION_ERROR: 500,
  BAD_REQUEST_BODY: 400,
  BAD_REQUEST_PARAMETERS: 400,
  DEFAULT_4XX: 400,
  DEFAULT_5XX: 500,
  INTEGRATION_FAILURE: 504,
  INTEGRATION_TIMEOUT: 504,
  INVALID_SIGNATURE: 403,
  MISSING_AUTHENTICATION_TOKEN: 403,
  REQUEST_TOO_LARGE: 413,
  RESOURCE_NOT_FOUND: 404,
  THROTTLED: 429,
} as const;

export type FailureType = keyof typeof STATUS;

/** Types that exist on AWS and never occur here. */
const NEVER_HERE = [
  'AUTHORIZER_CONFIGURATION_ERROR',
  'AUTHORIZER_FAILURE',
  'EXPIRED_TOKEN',
  'INVALID_API_KEY',
  'QUOTA_EXCEEDED',
  'UNAUTHORIZED',
  'UNSUPPORTED_MEDIA_TYPE',
  'WAF_FILTERED',
];

/** What a template says about one type of failure. */
export interface GatewayResponse {
  readonly type: string;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** By content type. */
  readonly templates: Readonly<Record<string, string>>;
}

/** @throws {DeploymentError} for a type or a header mapping that is not known. */
export const readGatewayResponse = ({
  ResponseType,
  StatusCode,
  ResponseParameters,
  ResponseTemplates,
}: Properties): GatewayResponse => {
  const type = String(ResponseType);
  if (!Object.hasOwn(STATUS, type) && !NEVER_HERE.includes(type)) {
    throw new DeploymentError(`ResponseType ${type} is not emulated`);
  }
  const parameters = Object.entries((ResponseParameters ?? {}) as Record<string, string>);
  return {
    type,
    status: StatusCode === undefined ? undefined : Number(StatusCode),
    headers: Object.fromEntries(
      parameters.map(([name, value]) => {
        const header = /^gatewayresponse\.header\.(.+)$/.exec(name)?.[1];
        if (header && /^('.*'|context\.[\w.]+)$/.test(value)) return [header.toLowerCase(), value];
        throw new DeploymentError(`ResponseParameters.${name} is not emulated; map a header to '…' or context.…`);
      }),
    ),
    templates: (ResponseTemplates ?? {}) as Record<string, string>,
  };
};

/** The context as templates of a failure see it. */
export const withFailure = (context: Context, { type, message, validationError }: GatewayFailure): Context => ({
  ...context,
  error: {
    message,
    messageString: JSON.stringify(message),
    responseType: type,
    // Escaped, so that a template may put it between quotes, as the guide's examples do.
    ...(validationError === undefined ? {} : { validationErrorString: JSON.stringify(validationError).slice(1, -1) }),
  },
});

const DEFAULT_TEMPLATES = { 'application/json': '{"message":$context.error.messageString}' };

/** Answers a failure as the API's gateway responses say: its own type first, then the default of its class. */
export const failureResponse = (
  failure: GatewayFailure,
  responses: ReadonlyMap<string, GatewayResponse>,
  context: Context,
): AwsResponse => {
  const usual = failure.status ?? STATUS[failure.type];
  const response = responses.get(failure.type) ?? responses.get(usual < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const own = response && Object.keys(response.templates).length > 0 ? response.templates : DEFAULT_TEMPLATES;
  const [contentType, template] =
    Object.entries(own).find(([type]) => type === 'application/json') ?? (Object.entries(own)[0] as [string, string]);
  const failed = withFailure(context, failure);
  return {
    status: response?.status ?? usual,
    headers: {
      'content-type': contentType,
      'x-amzn-errortype': ERROR_TYPES[failure.type] ?? 'InternalServerErrorException',
      ...Object.fromEntries(
        Object.entries(response?.headers ?? {}).map(([name, value]) => [name, headerValue(value, failed)]),
      ),
    },
    body: fillTemplate(template, failed, ''),
  };
};

const headerValue = (mapping: string, context: Context): string =>
  mapping.startsWith("'")
    ? mapping.slice(1, -1)
    : String(contextValue(context, mapping.slice('context.'.length)) ?? '');

const ERROR_TYPES: Partial<Record<FailureType, string>> = {
  ACCESS_DENIED: 'AccessDeniedException',
  BAD_REQUEST_BODY: 'BadRequestException',
  BAD_REQUEST_PARAMETERS: 'BadRequestException',
  INVALID_SIGNATURE: 'InvalidSignatureException',
  MISSING_AUTHENTICATION_TOKEN: 'MissingAuthenticationTokenException',
  REQUEST_TOO_LARGE: 'RequestTooLargeException',
  RESOURCE_NOT_FOUND: 'NotFoundException',
  THROTTLED: 'TooManyRequestsException',
};
