import {
  ConditionalCheckFailedException,
  IdempotentParameterMismatchException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { NoSuchKey, S3ServiceException } from '@aws-sdk/client-s3';
import { SageMakerRuntimeServiceException } from '@aws-sdk/client-sagemaker-runtime';
import { SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager';
import { SQSServiceException } from '@aws-sdk/client-sqs';

import type { Fault } from '#local/dynamodb/errors.ts';

const metadata = (httpStatusCode: number) => ({ httpStatusCode, attempts: 1, totalRetryDelay: 0 });

type Kind = typeof S3ServiceException;

/** An error of a service by its name, as its client throws one that its model does not know. */
const named =
  (Exception: unknown, fault: 'client' | 'server' = 'client') =>
  (name: string, status: number, message = name, more: object = {}): Error =>
    Object.assign(new (Exception as Kind)({ name, $fault: fault, $metadata: metadata(status), message }), more);

export const s3Error = named(S3ServiceException);
export const sqsError = named(SQSServiceException);
export const sageMakerError = named(SageMakerRuntimeServiceException);
export const secretsError = named(SecretsManagerServiceException);

/** What S3's client throws for a key without an object. */
export const noSuchKey = (): Error =>
  new NoSuchKey({ message: 'The specified key does not exist.', $metadata: metadata(404) });

const DYNAMODB_ERRORS: Readonly<Record<string, unknown>> = {
  ConditionalCheckFailedException,
  IdempotentParameterMismatchException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactionConflictException,
};

/** What DynamoDB's client throws for a fault, of the class that its model has for it. */
export const dynamoDbError = ({ body, status }: Fault): Error => {
  const name = String(body.__type).replace(/^.*#/, '');
  const { __type: _, message, Message, ...more } = body;
  const Exception = (DYNAMODB_ERRORS[name] ?? S3ServiceException) as Kind;
  const $metadata = metadata(name === 'InternalServerError' ? 500 : status);
  const options = { name, $fault: 'client' as const, $metadata, message: String(message ?? Message) };
  return new Exception({ ...options, ...more });
};

/** A connection that broke. Whether the request was carried out nobody can say. */
export const connectionReset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

/** What a client throws when its signal aborts. */
export const abortError = (signal: AbortSignal): Error =>
  Object.assign(new Error('Request aborted', { cause: signal.reason }), { name: 'AbortError' });

/** What a client throws when the service has not answered in the time that its settings allow. */
export const requestTimeout = (): Error => Object.assign(new Error('Request timed out'), { name: 'TimeoutError' });
