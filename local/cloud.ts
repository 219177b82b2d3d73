import { type Cloud, type CloudOptions, startCore } from './core.ts';
import { createDynamoDbRoom } from './dynamodb-service.ts';
import { createLambda } from './lambda/index.ts';
import { createS3 } from './s3/index.ts';
import { createSageMaker } from './sagemaker/index.ts';
import { createSqs } from './sqs/index.ts';

export type { ApiAddress, Cloud, CloudOptions } from './core.ts';

/** Brings a cloud assembly up on this machine, with every room there is. See `startCore`. */
export const startCloud = (options: CloudOptions): Promise<Cloud> =>
  startCore(options, (host) => [
    createS3(host),
    createSqs(host),
    createDynamoDbRoom(host),
    createLambda(host),
    createSageMaker(host),
  ]);
