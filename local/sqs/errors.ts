import { AwsError } from '../errors.ts';

/** A parameter's value is of no use; the message names the parameter and why, and never repeats the value. */
export const invalidParameter = (name: string, reason: string): AwsError =>
  new AwsError('InvalidParameterValue', `Value for parameter ${name} is invalid. Reason: ${reason}.`);

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}.`);

export const queueDoesNotExist = (): AwsError =>
  new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');

export const receiptHandleIsInvalid = (): AwsError =>
  new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 404);
