import { resolve } from 'node:path';

import { expect, test } from '@jest/globals';
import { App, CfnResource, type IPolicyValidationContext, type IPolicyValidationPlugin, Stack } from 'aws-cdk-lib';

import { findingsOf } from '../../../lib/compliance/findings.ts';

const RELATIVE = 'cdk.out/Data.template.json';

test.each([
  [RELATIVE, resolve(RELATIVE)],
  [resolve(RELATIVE), RELATIVE],
])('a finding has the construct of its resource when CDK says %s and the gate %s', (ofCdk, ofGate) => {
  const app = new App({ analyticsReporting: false });
  new CfnResource(new Stack(app, 'Data'), 'Inbox', { type: 'AWS::S3::Bucket' });
  const violatingResources = [{ resourceLogicalId: 'Inbox', templatePath: ofGate, locations: [] }];
  const violations = [{ ruleName: 'a_rule', description: 'd', violatingResources }];
  const gate: IPolicyValidationPlugin = { name: 'gate', validate: () => ({ success: false, violations }) };
  const context = {
    appConstruct: app,
    templatePaths: [ofCdk],
    stackTemplates: [{ templatePath: ofCdk, stackConstructPath: 'Data' }],
  } as unknown as IPolicyValidationContext;

  expect(findingsOf(gate, context)).toEqual([
    { rule: 'a_rule', path: 'Data/Inbox', type: 'AWS::S3::Bucket', description: 'd' },
  ]);
});
