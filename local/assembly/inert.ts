import { type DeployedResource, generatedName, type ResourceDeclaration } from '../resources.ts';

/** A resource type that is accepted and does nothing here. */
export interface InertType {
  /** Completes "…: " in the notice that the developer gets. */
  readonly reason: string;
  /** Property that names the resource, if the template does. */
  readonly nameProperty?: string;
  /** ARN behind `arn:aws:`, with `{region}`, `{account}` and `{name}`; types without one have no attribute `Arn`. */
  readonly arn?: string;
  /** Whether `Ref` answers the ARN and not the name. */
  readonly refIsArn?: boolean;
}

const NO_METRICS = 'metrics are not collected, so nothing watches them';
const NO_PEOPLE = 'nobody is notified';
const NO_FIREWALL = 'requests from this machine are not filtered';
const NO_SHIFT = 'a new version takes over at once';
const NO_QUERIES = 'tables are described to Athena alone; any reader of Parquet finds their files';
const NO_KEYS = 'requests are counted per caller on AWS alone';

/** Resource types that a template may have although they do nothing on one machine, and why that is sound. */
export const INERT_TYPES: Readonly<Record<string, InertType>> = {
  'AWS::ApiGateway::Account': { reason: 'access logs are files, written without a role' },
  'AWS::ApiGateway::ApiKey': { reason: NO_KEYS, nameProperty: 'Name' },
  'AWS::ApiGateway::UsagePlan': { reason: NO_KEYS, nameProperty: 'UsagePlanName' },
  'AWS::ApiGateway::UsagePlanKey': { reason: NO_KEYS },
  'AWS::ApplicationAutoScaling::ScalableTarget': { reason: 'capacity is that of this machine' },
  'AWS::ApplicationAutoScaling::ScalingPolicy': { reason: 'capacity is that of this machine' },
  'AWS::Budgets::Budget': { reason: 'nothing costs anything' },
  'AWS::CDK::Metadata': { reason: 'describes the app to AWS alone' },
  'AWS::CloudWatch::Alarm': {
    reason: NO_METRICS,
    nameProperty: 'AlarmName',
    arn: 'cloudwatch:{region}:{account}:alarm:{name}',
  },
  'AWS::CloudWatch::CompositeAlarm': {
    reason: NO_METRICS,
    nameProperty: 'AlarmName',
    arn: 'cloudwatch:{region}:{account}:alarm:{name}',
  },
  'AWS::CloudWatch::Dashboard': { reason: NO_METRICS, nameProperty: 'DashboardName' },
  'AWS::CodeDeploy::Application': {
    reason: NO_SHIFT,
    nameProperty: 'ApplicationName',
    arn: 'codedeploy:{region}:{account}:application:{name}',
  },
  'AWS::CodeDeploy::DeploymentGroup': { reason: NO_SHIFT, nameProperty: 'DeploymentGroupName' },
  'AWS::Glue::Database': { reason: NO_QUERIES },
  'AWS::Glue::Table': { reason: NO_QUERIES },
  'AWS::Logs::LogGroup': {
    reason: 'logs are files of the data directory, without retention',
    nameProperty: 'LogGroupName',
    arn: 'logs:{region}:{account}:log-group:{name}:*',
  },
  'AWS::Logs::MetricFilter': { reason: NO_METRICS },
  'AWS::Logs::ResourcePolicy': { reason: 'logs are files of the data directory', nameProperty: 'PolicyName' },
  'AWS::Logs::QueryDefinition': { reason: 'logs are files of the data directory' },
  'AWS::SNS::Subscription': { reason: NO_PEOPLE },
  'AWS::SNS::Topic': {
    reason: NO_PEOPLE,
    nameProperty: 'TopicName',
    arn: 'sns:{region}:{account}:{name}',
    refIsArn: true,
  },
  'AWS::SNS::TopicPolicy': { reason: NO_PEOPLE },
  'AWS::WAFv2::WebACL': {
    reason: NO_FIREWALL,
    nameProperty: 'Name',
    arn: 'wafv2:{region}:{account}:regional/webacl/{name}',
  },
  'AWS::WAFv2::WebACLAssociation': { reason: NO_FIREWALL },
  'AWS::WAFv2::LoggingConfiguration': { reason: NO_FIREWALL },
  'AWS::WAFv2::IPSet': {
    reason: NO_FIREWALL,
    nameProperty: 'Name',
    arn: 'wafv2:{region}:{account}:regional/ipset/{name}',
  },
  'AWS::XRay::Group': { reason: 'traces are not collected' },
  'AWS::XRay::SamplingRule': { reason: 'traces are not collected' },
};

/** The name and ARN that an inert resource is known by, as other resources and outputs refer to them. */
export const declareInert = (
  { reason: _, nameProperty, arn, refIsArn }: InertType,
  resource: ResourceDeclaration,
  { region, accountId }: { region: string; accountId: string },
): DeployedResource => {
  const given = nameProperty === undefined ? undefined : resource.properties[nameProperty];
  const name = typeof given === 'string' ? given : generatedName(resource, { maxLength: 128 });
  if (arn === undefined) return { physicalId: name, attributes: { Id: name } };
  const full = `arn:aws:${arn.replace('{region}', region).replace('{account}', accountId).replace('{name}', name)}`;
  return { physicalId: refIsArn ? full : name, attributes: { Arn: full, Id: name, TopicArn: full, TopicName: name } };
};
