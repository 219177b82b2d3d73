import type { DeploymentRecord, StackRecord } from '../assembly/record.ts';
import { AwsError } from '../errors.ts';
import { queryResponse, readQueryCall } from '../http/query.ts';
import type { XmlValue } from '../http/xml.ts';
import type { Room } from '../resources.ts';
import type { AwsResponse, Need } from '../service.ts';

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

type Result = { readonly [name: string]: XmlValue };

/** CloudFormation: what is deployed, read only. Deploying is the start of the cloud itself. */
export const createCloudFormation = (record: DeploymentRecord): Room => ({
  resources: [],
  service: {
    signingName: 'cloudformation',
    protocol: 'query',
    async handle(request, authorise): Promise<AwsResponse> {
      const { action, input } = await readQueryCall(request);
      const answer = ACTIONS[action];
      if (!answer) throw new AwsError('InvalidAction', `cloudformation:${action} is not emulated`);
      const stacks = stacksNamed(record, input.get('StackName'));
      authorise(
        request.principal,
        stacks.map(({ id }): Need => ({ action: `cloudformation:${action}`, resource: id })),
      );
      return queryResponse(action, NAMESPACE, answer(stacks, record));
    },
    // The record belongs to the host, which outlives its rooms.
    close() {},
  },
});

const stacksNamed = (record: DeploymentRecord, nameOrId: string | null): StackRecord[] => {
  const stacks = record.stacks();
  if (nameOrId === null) return stacks;
  const found = stacks.find(({ name, id }) => name === nameOrId || id === nameOrId);
  if (!found) throw new AwsError('ValidationError', `Stack with id ${nameOrId} does not exist`);
  return [found];
};

const ACTIONS: Readonly<Record<string, (stacks: readonly StackRecord[], record: DeploymentRecord) => Result>> = {
  DescribeStacks: (stacks) => ({
    Stacks: {
      member: stacks.map((stack) => ({
        StackId: stack.id,
        StackName: stack.name,
        CreationTime: stack.createdAt,
        LastUpdatedTime: stack.updatedAt,
        StackStatus: stack.status,
        DisableRollback: true,
        Outputs: {
          member: stack.outputs.map(({ key, value, description, exportName }) => ({
            OutputKey: key,
            OutputValue: value,
            Description: description,
            ExportName: exportName,
          })),
        },
      })),
    },
  }),
  ListStackResources: (stacks, record) => ({
    StackResourceSummaries: {
      member: stacks.flatMap(({ name, status }) =>
        record.resources(name).map((resource) => ({
          LogicalResourceId: resource.logicalId,
          PhysicalResourceId: resource.physicalId,
          ResourceType: resource.type,
          ResourceStatus: status,
          LastUpdatedTimestamp: resource.updatedAt,
        })),
      ),
    },
  }),
};
