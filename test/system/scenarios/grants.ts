import { describe, expect, test } from '@jest/globals';

import { type CallLog, grantsOf, unneededGrants } from '../../support/grants.ts';
import type { TestSystem } from '../../support/system.ts';

/** Grants that nothing on one machine can need, and why. */
const NOT_EMULATED = [
  { action: /^xray:/, why: 'there is no X-Ray here' },
  { action: /^logs:/, why: "functions' logs go to files without a call" },
  { action: /^s3:abortmultipartupload$/, why: 'only an upload that fails is aborted' },
];

/** Grants of single functions that no scenario can need, and why. */
const NOT_EXERCISED = [
  {
    role: /LakeCollect/,
    action: /^(sqs:sendmessage|kms:(generatedatakey|decrypt))$/,
    resource: /./,
    why: 'told of a batch that was given up after 200 tries; the publishing function has the same grants, and needs them',
  },
  {
    role: /Registrar/,
    action: /^s3:getobject$/,
    resource: /\/objects\/\*$/,
    why: 'reads a document again when a later release gives it another hash',
  },
  {
    role: /Administration/,
    action: /^s3:getobject$/,
    resource: /\/copies\/\*$/,
    why: 'reads the copy of a snapshot that is lost; the registrar has the same grant, and needs it',
  },
];

/** Comes last: every permission of the template must have been needed by what ran before. */
export const grants = (running: () => TestSystem, log: CallLog): void => {
  describe('grants', () => {
    test('taking any one action on any one resource from a role would have made something above fail', () => {
      const { roles, accountId } = running().cloud;
      const checked = grantsOf(roles)
        .filter(({ action }) => !NOT_EMULATED.some((each) => each.action.test(action)))
        .filter(
          ({ roleArn, action, resource }) =>
            !NOT_EXERCISED.some(
              (each) => each.role.test(roleArn) && each.action.test(action) && each.resource.test(resource),
            ),
        );

      const unneeded = unneededGrants(roles, log, accountId).filter((grant) =>
        checked.some(
          ({ roleArn, action, resource }) =>
            roleArn === grant.roleArn && action === grant.action && resource === grant.resource,
        ),
      );

      expect(checked.length).toBeGreaterThan(80);
      expect(
        unneeded.map(({ roleArn, action, resource }) => `${roleArn.split('/').at(-1)}: ${action} on ${resource}`),
      ).toEqual([]);
    });

    test('services reach queues and functions by the policies on these, each of which is used', () => {
      const used = new Set(
        log.calls
          .filter(({ principal }) => !principal.arn.startsWith('arn:'))
          .map(({ principal, need }) => `${principal.arn} ${need.action}`),
      );

      expect([...used].sort()).toEqual([
        'apigateway.amazonaws.com lambda:InvokeFunction',
        'events.amazonaws.com lambda:InvokeFunction',
        's3.amazonaws.com kms:Decrypt',
        's3.amazonaws.com kms:GenerateDataKey',
        's3.amazonaws.com sqs:SendMessage',
      ]);
    });
  });
};
