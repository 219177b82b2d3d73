import { Stack } from 'aws-cdk-lib';
import { EndpointType, type RestApiProps } from 'aws-cdk-lib/aws-apigateway';
import { InterfaceVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

const PORT = 443;

/**
 * What makes a REST API private: it answers through these endpoints of a VPC alone.
 *
 * The policy allows the account, so that IAM decides who of it may call, and denies everyone who comes another way.
 */
export const privateAccess = (
  scope: Construct,
  endpointIds: readonly string[],
): Pick<RestApiProps, 'endpointConfiguration' | 'policy'> => {
  const { partition, region, account } = Stack.of(scope);
  const resources = [`arn:${partition}:execute-api:${region}:${account}:*`];
  const actions = ['execute-api:Invoke'];
  return {
    endpointConfiguration: {
      types: [EndpointType.PRIVATE],
      vpcEndpoints: endpointIds.map((vpcEndpointId) =>
        InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(scope, vpcEndpointId, { vpcEndpointId, port: PORT }),
      ),
    },
    policy: new PolicyDocument({
      statements: [
        new PolicyStatement({ principals: [new AccountRootPrincipal()], actions, resources }),
        new PolicyStatement({
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions,
          resources,
          conditions: { StringNotEquals: { 'aws:SourceVpce': endpointIds } },
        }),
      ],
    }),
  };
};
