import { AwsError } from '../errors.ts';
import type { AwsResponse, Protocol } from '../service.ts';
import { escapeXml } from './xml.ts';

/** What a refusal before any room is called in each protocol; codes of rooms pass unchanged. */
const JSON_CODES: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  IncompleteSignature: 'IncompleteSignatureException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  RequestTimeTooSkewed: 'InvalidSignatureException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
};

const S3_CODES: Readonly<Record<string, string>> = {
  IncompleteSignature: 'AuthorizationHeaderMalformed',
  InvalidClientTokenId: 'InvalidAccessKeyId',
  MissingAuthenticationToken: 'AccessDenied',
};

/**
 * Writes an error in the shape that clients of a protocol read. Anything but an `AwsError` is an InternalFailure (500)
 * without its message: what went wrong inside is for the log.
 */
export const errorResponse = (protocol: Protocol, error: unknown, requestId: string): AwsResponse => {
  const known =
    error instanceof AwsError ? error : new AwsError('InternalFailure', 'the embedded cloud failed; see its log', 500);
  return WRITERS[protocol](known, requestId);
};

const json =
  (contentType: string) =>
  (error: AwsError, requestId: string): AwsResponse => {
    const code = JSON_CODES[error.code] ?? error.code;
    const status = code === error.code ? error.status : 400;
    return {
      status,
      headers: {
        'content-type': contentType,
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': code,
        'x-amzn-query-error': `${error.code};${status < 500 ? 'Sender' : 'Receiver'}`,
      },
      body: JSON.stringify({ __type: code, message: error.message, ...error.details }),
    };
  };

const restJson = (error: AwsError, requestId: string): AwsResponse => {
  const code = JSON_CODES[error.code] ?? error.code;
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': code },
    body: JSON.stringify({ message: error.message, ...error.details }),
  };
};

const query = (error: AwsError, requestId: string): AwsResponse => ({
  status: error.status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
  body:
    `<ErrorResponse><Error><Type>${error.status < 500 ? 'Sender' : 'Receiver'}</Type>` +
    `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error>` +
    `<RequestId>${requestId}</RequestId></ErrorResponse>`,
});

const s3 = (error: AwsError, requestId: string): AwsResponse => ({
  status: error.status,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
  body:
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Error><Code>${escapeXml(S3_CODES[error.code] ?? error.code)}</Code>` +
    `<Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`,
});

const WRITERS: Record<Protocol, (error: AwsError, requestId: string) => AwsResponse> = {
  'json-1.0': json('application/x-amz-json-1.0'),
  'json-1.1': json('application/x-amz-json-1.1'),
  'rest-json': restJson,
  query,
  s3,
};
