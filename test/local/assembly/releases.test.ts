import { afterEach, expect, test } from '@jest/globals';

import { type Cloud, startCore } from '#local/core.ts';
import { createLambda } from '#local/lambda/index.ts';
import { roleResource, temporaryFolder, writeAssembly } from '../support/assembly.ts';

/** As the CDK names it; the dollar signs are CloudFormation's. */
const STAGING_BUCKET = 'cdk-hnb659fds-assets-$' + '{AWS::AccountId}-$' + '{AWS::Region}';

const open: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

test('a template that shifts traffic comes up, with the new version in use at once', async () => {
  const folder = temporaryFolder();
  open.push(folder.remove);
  const notices: string[] = [];
  const assembly = writeAssembly(
    `${folder.path}/assembly`,
    {
      service: {
        template: {
          Resources: {
            Role: roleResource(),
            Function: {
              Type: 'AWS::Lambda::Function',
              Properties: {
                Runtime: 'nodejs24.x',
                Handler: 'index.handler',
                Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
                Code: { S3Bucket: { 'Fn::Sub': STAGING_BUCKET }, S3Key: 'code.zip' },
              },
            },
            Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Function' } } },
            Application: {
              Type: 'AWS::CodeDeploy::Application',
              Properties: { ApplicationName: 'releases', ComputePlatform: 'Lambda' },
            },
            Group: {
              Type: 'AWS::CodeDeploy::DeploymentGroup',
              Properties: {
                ApplicationName: { Ref: 'Application' },
                ServiceRoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
              },
            },
            Live: {
              Type: 'AWS::Lambda::Alias',
              Properties: {
                Name: 'live',
                FunctionName: { Ref: 'Function' },
                FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
              },
              UpdatePolicy: {
                CodeDeployLambdaAliasUpdate: {
                  ApplicationName: { Ref: 'Application' },
                  DeploymentGroupName: { Ref: 'Group' },
                },
              },
            },
          },
          Outputs: { Live: { Value: { Ref: 'Live' } }, Application: { Value: { Ref: 'Application' } } },
        },
      },
    },
    { code: { 'index.cjs': 'exports.handler = async () => 1;' } },
  );

  const cloud: Cloud = await startCore(
    { assembly, directory: `${folder.path}/data`, log: (line) => notices.push(line) },
    (host) => [createLambda(host)],
  );
  open.unshift(() => cloud.stop());

  expect(cloud.outputs.service).toMatchObject({ Live: expect.stringMatching(/:live$/), Application: 'releases' });
  expect(notices).toContain('1 × AWS::CodeDeploy::DeploymentGroup: a new version takes over at once');
});
