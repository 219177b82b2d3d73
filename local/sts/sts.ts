import { AwsError } from '../errors.ts';
import { queryResponse, readQueryCall } from '../http/query.ts';
import type { Host, Room } from '../resources.ts';
import type { AwsResponse } from '../service.ts';

/** Security Token Service: who am I. Needs no permission, as on AWS. */
export const createSts = ({ accountId }: Pick<Host, 'accountId'>): Room => ({
  resources: [],
  service: {
    signingName: 'sts',
    protocol: 'query',
    async handle(request): Promise<AwsResponse> {
      const { action } = await readQueryCall(request);
      if (action !== 'GetCallerIdentity') throw new AwsError('InvalidAction', `sts:${action} is not emulated`);
      const { arn, accessKeyId } = request.principal;
      return queryResponse(action, 'https://sts.amazonaws.com/doc/2011-06-15/', {
        Arn: arn,
        UserId: accessKeyId,
        Account: accountId,
      });
    },
    close() {},
  },
});
