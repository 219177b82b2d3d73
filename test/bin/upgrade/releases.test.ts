import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';

import { deployedTemplate } from '../../../bin/upgrade/releases.ts';

const cloudFormation = mockClient(CloudFormationClient);
beforeEach(() => void cloudFormation.reset());
const deployed = () => deployedTemplate(new CloudFormationClient({ region: 'eu-west-1' }), 'Assay-test-Data');

describe('the template that is deployed', () => {
  test('is the one that was sent', async () => {
    const template = { Resources: { Inbox: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'b' } } } };
    cloudFormation
      .on(GetTemplateCommand, { StackName: 'Assay-test-Data', TemplateStage: 'Original' })
      .resolves({ TemplateBody: JSON.stringify(template) });

    expect(await deployed()).toEqual(template);
  });

  test('is none before the first deployment', async () => {
    cloudFormation.on(GetTemplateCommand).rejects(new Error('Stack with id Assay-test-Data does not exist'));

    expect(await deployed()).toBeUndefined();
  });

  test('is none while the first change set waits for review, whichever way CloudFormation says so', async () => {
    cloudFormation
      .on(GetTemplateCommand)
      .resolvesOnce({ TemplateBody: '' })
      .rejects(new Error('it is REVIEW_IN_PROGRESS'));

    expect(await deployed()).toBeUndefined();
    expect(await deployed()).toBeUndefined();
  });

  test('is never taken for none when it cannot be read', async () => {
    cloudFormation.on(GetTemplateCommand).rejects(new Error('not authorised'));

    await expect(deployed()).rejects.toThrow('need cloudformation:GetTemplate');
  });
});
