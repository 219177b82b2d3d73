import type { PolicyDocument } from '../service.ts';

const allow = (...Action: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

const LOG_WRITING = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/**
 * The managed policies of AWS that CDK attaches by itself, written out.
 *
 * @see the AWS Managed Policy Reference Guide, by the name of each policy.
 */
export const AWS_MANAGED_POLICIES: Readonly<Record<string, PolicyDocument>> = {
  'service-role/AWSLambdaBasicExecutionRole': allow(...LOG_WRITING),
  'service-role/AWSLambdaSQSQueueExecutionRole': allow(
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    ...LOG_WRITING,
  ),
  'service-role/AWSLambdaDynamoDBExecutionRole': allow(
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    ...LOG_WRITING,
  ),
  AWSXRayDaemonWriteAccess: allow(
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ),
  CloudWatchLambdaInsightsExecutionRolePolicy: allow(...LOG_WRITING),
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs': allow(
    ...LOG_WRITING,
    'logs:DescribeLogGroups',
    'logs:DescribeLogStreams',
    'logs:GetLogEvents',
    'logs:FilterLogEvents',
  ),
};
