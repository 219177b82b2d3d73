import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

import type { TestSystem } from './system.ts';

/**
 * Runs a function of the service stack at once, as its schedule would.
 *
 * @param named - how the logical id of the one function begins.
 * @returns what it answers. @throws when it fails.
 */
export const invokeFunction = async ({ system }: TestSystem, named: string): Promise<unknown> => {
  const { region, endpoint = '', credentials = { accessKeyId: '', secretAccessKey: '' } } = system;
  const settings = { region, endpoint, credentials };
  const [cloudFormation, lambda] = [new CloudFormationClient(settings), new LambdaClient(settings)];
  try {
    const listed = await cloudFormation.send(new ListStackResourcesCommand({ StackName: 'Assay-system-Service' }));
    const [found, ...others] = (listed.StackResourceSummaries ?? []).filter(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === 'AWS::Lambda::Function' && LogicalResourceId?.startsWith(named),
    );
    if (!found || others.length > 0) throw new Error(`not one but ${others.length + 1} functions begin with ${named}`);
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: found.PhysicalResourceId, Qualifier: 'live', Payload: '{}' }),
    );
    const answer: unknown = JSON.parse(Payload?.transformToString() ?? 'null');
    if (FunctionError) throw new Error(`${named} failed: ${JSON.stringify(answer)}`);
    return answer;
  } finally {
    cloudFormation.destroy();
    lambda.destroy();
  }
};
