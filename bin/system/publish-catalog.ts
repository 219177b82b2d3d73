import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';

import type { System } from './system.ts';

/** A document that the registrar left out, and why: the part of its answer that a person must see. */
const PublicationSchema = z.object({
  refused: z.array(z.object({ kind: z.string(), name: z.string(), problem: z.string() })),
});
export type RefusedDocument = z.infer<typeof PublicationSchema>['refused'][number];

/**
 * Has the registrar publish the deployment's catalog, and returns once it is the active one.
 *
 * The report of the deployment has it published as well, a moment later: until then the catalog of the deployment
 * before is active, and would refuse a file of an event type that is new.
 *
 * @returns the documents that were refused; what stood before goes on in their place.
 * @throws {Error} that says where to look when the registrar fails.
 */
export const publishCatalog = async (
  system: System,
  serviceStack: string,
  signal: AbortSignal,
): Promise<readonly RefusedDocument[]> => {
  const settings = {
    region: system.region,
    ...(system.endpoint && { endpoint: system.endpoint }),
    ...(system.credentials && { credentials: system.credentials }),
  };
  const cloudFormation = new CloudFormationClient(settings);
  const lambda = new LambdaClient(settings);
  try {
    const listed = await cloudFormation.send(new ListStackResourcesCommand({ StackName: serviceStack }), {
      abortSignal: signal,
    });
    const registrar = listed.StackResourceSummaries?.find(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === 'AWS::Lambda::Alias' && LogicalResourceId?.startsWith('Registrar'),
    );
    const invoke = new InvokeCommand({ FunctionName: registrar?.PhysicalResourceId, Payload: '{}' });
    const { FunctionError, Payload } = await lambda.send(invoke, { abortSignal: signal });
    if (FunctionError || !Payload) throw new Error("the catalog could not be registered; look at the registrar's log");
    return PublicationSchema.parse(JSON.parse(Payload.transformToString())).refused;
  } finally {
    cloudFormation.destroy();
    lambda.destroy();
  }
};
