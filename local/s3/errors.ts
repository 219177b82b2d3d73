import { AwsError } from '../errors.ts';

export const noSuchBucket = (): AwsError => new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);

export const noSuchKey = (): AwsError => new AwsError('NoSuchKey', 'The specified key does not exist.', 404);

export const noSuchVersion = (): AwsError =>
  new AwsError('NoSuchVersion', 'The specified version does not exist.', 404);

export const noSuchUpload = (): AwsError =>
  new AwsError(
    'NoSuchUpload',
    'The specified upload does not exist. It may have been aborted or completed, or the id is invalid.',
    404,
  );

export const preconditionFailed = (condition: string): AwsError =>
  new AwsError(
    'PreconditionFailed',
    `At least one of the pre-conditions you specified did not hold: ${condition}`,
    412,
  );

export const invalidArgument = (message: string): AwsError => new AwsError('InvalidArgument', message);

export const malformedXml = (): AwsError =>
  new AwsError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our schema.');

export const badDigest = (what: string): AwsError =>
  new AwsError('BadDigest', `The ${what} you specified did not match the calculated checksum.`);

export const incompleteBody = (): AwsError =>
  new AwsError('IncompleteBody', 'The body has not the number of bytes that its headers say.');

/** What S3 can do and this room cannot: said by name, never passed over. */
export const notImplemented = (what: string): AwsError =>
  new AwsError('NotImplemented', `${what} is not emulated`, 501);
