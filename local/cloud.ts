import { type Cloud, type CloudOptions, startCore } from './core.ts';
import { createDynamoDbRoom } from './dynamodb-service.ts';

export type { ApiAddress, Cloud, CloudOptions } from './core.ts';

/** Brings a cloud assembly up on this machine, with every room there is. See `startCore`. */
export const startCloud = (options: CloudOptions): Promise<Cloud> =>
  startCore(options, (host) => [createDynamoDbRoom(host)]);
