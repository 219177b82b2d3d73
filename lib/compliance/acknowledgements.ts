import { isShifted, type StageConfig } from '../config.ts';
import type { Finding } from './findings.ts';

const YEAR_DAYS = 365;

/** A finding that stands, and why. */
export interface Acknowledgement {
  /** Names of rules, of whichever gate; one decision often answers several. */
  readonly rules: readonly string[];
  /** Where: a CloudFormation type, or a construct's path, which speaks for all that is in it. */
  readonly on: readonly string[];
  /** Stages in which it stands. @default all */
  readonly when?: (stage: StageConfig) => boolean;
  /** What is done instead, or why the rule asks for what is not wanted here. */
  readonly reason: string;
}

/** Whether an acknowledgement speaks of a finding. */
export const covers = ({ rules, on }: Acknowledgement, { rule, path, type }: Finding): boolean =>
  rules.includes(rule) && on.some((place) => place === type || place === path || path.startsWith(`${place}/`));

const nist = (rule: string): string => `NIST.800.53.R5-${rule}`;
const pci = (rule: string): string => `PCI.DSS.321-${rule}`;
const both = (rule: string): string[] => [nist(rule), pci(rule)];

/** A finding of AwsSolutions-IAM5 about objects of a bucket whose keys begin alike. */
const objects = (bucket: string, prefix = ''): string => `AwsSolutions-IAM5[Resource::<${bucket}.Arn>/${prefix}*]`;

const role = (path: string): string => `Service/${path}/Role/DefaultPolicy`;

/**
 * Every finding of the gates that stands. Reviewed as a whole; a test holds each entry to a finding that it answers, so
 * that none outlives its cause.
 */
export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  // The API
  {
    rules: ['AwsSolutions-COG4'],
    on: ['AWS::ApiGateway::Method'],
    reason:
      'Callers of this API are services, which sign with IAM credentials; every method asks for AWS_IAM, and a test holds that. Cognito is for people.',
  },
  {
    rules: ['AwsSolutions-APIG3', ...both('APIGWAssociatedWithWAF')],
    on: ['Service/ServiceApi/Api'],
    when: ({ firewall }) => !firewall.enabled,
    reason:
      'The stage says firewall.enabled: false, as development does to save its monthly price. Every request is still authenticated and throttled.',
  },
  {
    rules: both('APIGWCacheEnabledAndEncrypted'),
    on: ['Service/ServiceApi/Api'],
    reason:
      'There is no cache: an answer from one would hide what has been decided or said since, and keep decisions where no key of ours encrypts them.',
  },
  {
    rules: both('APIGWSSLEnabled'),
    on: ['Service/ServiceApi/Api'],
    reason:
      'A client certificate proves the gateway to an HTTP backend. Here the backends are functions, which API Gateway invokes over TLS as a principal that their policies name.',
  },
  {
    rules: [
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    ],
    on: ['Service/ServiceApi/Api/CloudWatchRole'],
    reason:
      "API Gateway has one role for all APIs of an account and region to write logs with; AWS keeps this policy for it, and checks the account's setting against it.",
  },

  // Permissions
  {
    rules: both('IAMNoInlinePolicy'),
    on: ['AWS::IAM::Policy'],
    reason:
      'Each policy states what one function does and belongs to its role alone: as a managed policy it could be attached to others, and would outlive the role.',
  },
  {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    on: ['AWS::IAM::Policy'],
    reason:
      "X-Ray's two calls, and in a VPC Lambda's for network interfaces, have no resources to name; a test refuses every other statement on all resources.",
  },
  {
    rules: [objects('Models', 'snapshots/')],
    on: [
      role('Ingestion/Files'),
      role('Ingestion/Api'),
      role('Scoring/Api'),
      role('Scoring/Queue'),
      role('Feedback/Api'),
    ],
    reason:
      'Snapshots are named by their hash, so a reader of the catalog cannot know the name of the next one beforehand.',
  },
  {
    rules: [objects('Models', 'objects/')],
    on: [role('Scoring/Api'), role('Scoring/Queue')],
    reason: 'Models and lists that a snapshot names by hash are read by whoever decides with them, and by no other.',
  },
  {
    rules: [objects('Models', 'copies/'), objects('Models', 'objects/'), objects('Models', 'snapshots/')],
    on: [role('Registrar/Registrar'), role('Administration/Api')],
    reason: 'What is registered is read and written under the hash of its content, below the prefix of its kind.',
  },
  {
    rules: [objects('Models', 'uploads/')],
    on: [role('Administration/Api')],
    reason: 'Administrators name what they upload as they like, below this prefix; the function reads it and no more.',
  },
  {
    rules: [objects('Audit', 'entries/')],
    on: [role('Registrar/Registrar'), role('Administration/Api')],
    reason:
      'Each administrative act is an entry of its own, named by its number and hash; Object Lock keeps it as it is.',
  },
  {
    rules: [objects('Inbox')],
    on: [role('Ingestion/Files')],
    reason:
      'Teams name their files as they like. Ingestion reads the version that was announced, and writes nothing there.',
  },
  {
    rules: [objects('Results'), objects('Quarantine')],
    on: [role('Ingestion/Files')],
    reason: 'Keys hold the id of a file, which is a hash of its place and version: known only once the file is there.',
  },
  {
    rules: [objects('Results', 'chunks/')],
    on: [role('Scoring/Queue'), role('Feedback/Queue'), role('DeadLetters/Consumer'), role('Reconciler/Reconciler')],
    reason: 'Keys below chunks/ hold the id of a file and the number of a chunk: known only once the file is there.',
  },
  {
    rules: [objects('Quarantine', 'dead/')],
    on: [role('DeadLetters/Consumer')],
    reason:
      'Keys below dead/ hold the id of a file, or of a message that nobody can read: known only once it has died.',
  },
  {
    rules: [
      objects('Inbox', 'events/assay_canary/'),
      'AwsSolutions-IAM5[Resource::arn:execute-api:<ServiceApi>/<ServiceApiDeploymentStage>/GET/v1/decisions/assay_canary/*]',
      'AwsSolutions-IAM5[Resource::arn:execute-api:<ServiceApi>/<ServiceApiDeploymentStage>/GET/v1/files/*]',
    ],
    on: [role('Canary/Canary')],
    reason: 'The canary names its events and files by the time of the run, all within the event type that is its own.',
  },
  {
    rules: [objects('Lake', 'landing/')],
    on: [role('Lake/Collect'), role('Lake/Compact'), role('Publishing/Replay')],
    reason: 'Batches of rows land under the time and hash of their content, below the one prefix that is for them.',
  },
  {
    rules: ['compactor/', 'decisions/', 'events/', 'feedback/', 'index/', 'rejected/'].map((prefix) =>
      objects('Lake', prefix),
    ),
    on: [role('Lake/Compact')],
    reason:
      'Files of the lake are named by partition and content, below a prefix for each table and for the bookkeeping.',
  },
  {
    rules: [
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
    ],
    on: ['Service/Release/Role'],
    when: isShifted,
    reason: 'AWS keeps this policy for exactly this: CodeDeploy, moving the traffic of aliases of functions.',
  },

  // Functions
  {
    rules: [...both('LambdaInsideVPC'), 'lambda_inside_vpc_check'],
    on: ['AWS::Lambda::Function'],
    when: ({ network }) => network.functions === undefined,
    reason:
      'Functions call AWS alone, over TLS and with IAM; a VPC would add endpoints to pay for. Stages that must have one say network.functions.',
  },
  {
    rules: [nist('LambdaConcurrency')],
    on: ['AWS::Lambda::Function'],
    reason:
      'Queues bound their workers by maximum concurrency and the API by throttles. Reservations fail to deploy in new accounts, so only reservedScoringConcurrency asks for one.',
  },
  {
    rules: [nist('LambdaDLQ'), 'Serverless-LambdaDLQ'],
    on: ['AWS::Lambda::Function'],
    reason:
      "A function's own dead-letter queue takes asynchronous events alone. These functions are invoked by callers who wait, by queues and streams with dead-letter queues of theirs, or by schedules that come again.",
  },
  {
    rules: ['Serverless-EventBusDLQ'],
    on: ['AWS::Events::Rule'],
    reason:
      'Every rule is a schedule, or has a schedule beside it, whose next run does all that a lost one should have done; errors have an alarm.',
  },
  {
    rules: ['Serverless-LambdaEventSourceMappingDestination'],
    on: [
      'Service/Ingestion/Files/Live/Files',
      'Service/Scoring/Queue/Live/Chunks',
      'Service/Scoring/Pending/Live/Pending',
      'Service/Feedback/Queue/Live/FeedbackChunks',
      'Service/DeadLetters/Consumer/Live/Chunks',
      'Service/DeadLetters/Consumer/Live/FeedbackChunks',
      'Service/Publishing/Replay/Live/StreamRecords',
    ],
    reason:
      'Sources are queues, for which Lambda takes no destination of failures: what fails is redriven to the dead-letter queue of the queue itself.',
  },
  {
    rules: ['lambda_function_public_access_prohibited_check'],
    on: ['AWS::Lambda::Permission'],
    reason:
      "Each permission names its source's ARN: one method of the API, one rule. The ARN is joined from parts, which cfn-guard does not read.",
  },
  {
    rules: [nist('CloudWatchAlarmAction'), 'cloudwatch_alarm_action_check'],
    on: ['Service/Release'],
    when: isShifted,
    reason:
      'CodeDeploy itself acts on the alarms of a release, by bringing the old version back; people are told by the others.',
  },

  // Queues
  {
    rules: ['Serverless-SQSRedrivePolicy', 'sqs_dlq_check'],
    on: ['Files', 'Chunks', 'FeedbackChunks', 'Pending', 'StreamRecords'].map((queue) => `Data/${queue}/DeadLetters`),
    reason: 'These are the dead-letter queues. Each has an alarm on its first message, and a section in the runbook.',
  },
  {
    rules: ['Serverless-SNSRedrivePolicy'],
    on: ['AWS::SNS::Subscription'],
    when: ({ alarmEmail }) => alarmEmail !== undefined,
    reason:
      'Mail that could not be delivered helps nobody in a queue: the alarm itself stays in CloudWatch until it is over.',
  },

  // What is kept
  {
    rules: both('S3BucketReplicationEnabled'),
    on: ['AWS::S3::Bucket'],
    reason:
      'A copy in another region is for a team to choose, since data may not leave every country. Versions, retention and the restore procedure guard against loss within the region.',
  },
  {
    rules: [
      ...both('S3DefaultEncryptionKMS'),
      's3_bucket_default_encryption_kms_check',
      's3_bucket_logging_enabled_check',
    ],
    on: ['Data/AccessLogs'],
    reason:
      "S3 delivers access logs to no bucket under a key of KMS, so they are under its own; and logging requests to the log's bucket would log its own deliveries for ever.",
  },
  {
    rules: ['s3_bucket_object_lock_enabled_check'],
    on: ['AccessLogs', 'Inbox', 'Results', 'Quarantine', 'Models', 'Lake'].map((bucket) => `Data/${bucket}`),
    reason:
      'Data about people must be erasable and expires on a stated day, which a lock would forbid. The audit log, which nobody may change, is locked.',
  },
  {
    rules: ['s3_event_notifications_enabled_check'],
    on: ['AccessLogs', 'Results', 'Quarantine', 'Models', 'Audit', 'Lake'].map((bucket) => `Data/${bucket}`),
    reason:
      'Nothing waits for objects of these buckets: the functions that need them wrote them, or look by themselves.',
  },
  {
    rules: ['AwsSolutions-SMG4', nist('SecretsManagerRotationEnabled')],
    on: ['Data/TokenKey'],
    reason:
      'Tokens of one key version join with no other: rotating by the calendar would cut history off. A new version is added beside the old when there is cause, and tokens carry theirs.',
  },
  {
    rules: ['kms_create_grant_aws_service_check'],
    on: ['Data'],
    reason:
      "The account's own IAM decides who may make grants, as in AWS's default key policy; a further condition would lock out administrators who must repair a key.",
  },
  {
    rules: both('SageMakerEndpointConfigurationKMSKeyConfigured'),
    on: ['AWS::SageMaker::EndpointConfig'],
    when: ({ endpoints }) => endpoints.length > 0,
    reason:
      'The volume holds a copy of the model, which is encrypted where it came from; requests are not captured. Serverless endpoints and instances with local disks refuse such a key.',
  },

  // Logs
  {
    rules: ['cloudwatch_log_group_encrypted_check'],
    on: ['AWS::Logs::LogGroup'],
    when: ({ keys }) => keys.logs === undefined && keys.queues === undefined,
    reason:
      "Every log group is under the queues' key, which cdk-nag sees. It comes from another stack, and cfn-guard does not follow such a reference.",
  },
  {
    rules: ['cloudwatch_log_group_retention_period_check'],
    on: ['AWS::Logs::LogGroup'],
    when: ({ logRetentionDays }) => logRetentionDays < YEAR_DAYS,
    reason:
      'The stage keeps logs for less than a year, as development does; production says 365. What must be kept for longer is in the audit log and the tables.',
  },
];
