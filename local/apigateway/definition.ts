import { createHash } from 'node:crypto';
import { DeploymentError } from '../errors.ts';
import { checkProperties } from '../properties.ts';
import type { ResourceDeclaration, ResourceProvider } from '../resources.ts';
import { type GatewayResponse, readGatewayResponse } from './gateway-responses.ts';
import { type MethodSetting, readMethodSettings } from './throttle.ts';
import { type BodyTest, compileModel } from './validation.ts';

/** A REST API as the template describes it. Stages serve it as it is now, not as their deployment once was. */
export interface RestApi {
  readonly id: string;
  readonly name: string;
  readonly rootResourceId: string;
  readonly binaryMediaTypes: readonly string[];
  readonly resources: Map<string, PathResource>;
  readonly methods: Map<string, Method>;
  readonly models: Map<string, BodyTest>;
  readonly validators: Map<string, { readonly body: boolean; readonly parameters: boolean }>;
  readonly gatewayResponses: Map<string, GatewayResponse>;
  readonly stages: Map<string, Stage>;
}

export interface PathResource {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly pathPart: string;
}

export interface Method {
  readonly resourceId: string;
  /** `ANY` stands for all. */
  readonly httpMethod: string;
  readonly iam: boolean;
  readonly functionArn: string;
  /** Role in whose name the function is invoked; undefined for API Gateway itself. */
  readonly credentialsArn: string | undefined;
  readonly timeoutMs: number;
  readonly validatorId: string | undefined;
  /** Model names by content type. */
  readonly requestModels: Readonly<Record<string, string>>;
  /** `method.request.querystring.detector` → whether it must be there. */
  readonly requestParameters: Readonly<Record<string, boolean>>;
}

export interface Stage {
  readonly name: string;
  readonly settings: readonly MethodSetting[];
  readonly variables: Readonly<Record<string, string>>;
  readonly accessLog: { readonly logGroup: string; readonly format: string } | undefined;
}

const LONGEST_TIMEOUT_MS = 29_000;

/** The providers of everything that makes up REST APIs. They fill `apis`, by id, and announce each new one. */
export const apiProviders = (
  apis: Map<string, RestApi>,
  onApi: (api: RestApi) => Promise<void>,
): ResourceProvider[] => {
  const apiOf = ({ properties }: ResourceDeclaration): RestApi => {
    const api = apis.get(String(properties.RestApiId));
    if (!api) throw new DeploymentError('RestApiId names no REST API of this assembly');
    return api;
  };

  return [
    {
      type: 'AWS::ApiGateway::RestApi',
      async deploy(resource) {
        checkProperties(resource, [
          'BinaryMediaTypes',
          'Description',
          'EndpointConfiguration',
          'MinimumCompressionSize',
          'Name',
        ]);
        const { properties } = resource;
        const id = shortId(resource);
        const api: RestApi = {
          resources: new Map(),
          methods: new Map(),
          models: new Map(),
          validators: new Map(),
          gatewayResponses: new Map(),
          stages: new Map(),
          id,
          name: String(properties.Name ?? id),
          rootResourceId: `${id.slice(0, 6)}root`,
          binaryMediaTypes: (properties.BinaryMediaTypes ?? []) as string[],
        };
        apis.set(id, api);
        await onApi(api);
        return { physicalId: id, attributes: { RestApiId: id, RootResourceId: api.rootResourceId } };
      },
      remove,
    },
    {
      type: 'AWS::ApiGateway::Resource',
      deploy(resource) {
        checkProperties(resource, ['ParentId', 'PathPart', 'RestApiId']);
        const id = shortId(resource);
        const { ParentId, PathPart } = resource.properties;
        apiOf(resource).resources.set(id, { id, parentId: String(ParentId), pathPart: String(PathPart) });
        return { physicalId: id, attributes: { ResourceId: id } };
      },
      remove,
    },
    {
      type: 'AWS::ApiGateway::Method',
      deploy(resource) {
        const id = shortId(resource);
        apiOf(resource).methods.set(id, readMethod(resource));
        return { physicalId: id, attributes: {} };
      },
      remove,
    },
    {
      type: 'AWS::ApiGateway::Model',
      deploy(resource) {
        checkProperties(resource, ['ContentType', 'Description', 'Name', 'RestApiId', 'Schema']);
        const name = String(resource.properties.Name ?? `${resource.logicalId}${shortId(resource)}`);
        apiOf(resource).models.set(name, compileModel(resource.properties.Schema));
        return { physicalId: name, attributes: {} };
      },
      remove,
    },
    {
      type: 'AWS::ApiGateway::RequestValidator',
      deploy(resource) {
        checkProperties(resource, ['Name', 'RestApiId', 'ValidateRequestBody', 'ValidateRequestParameters']);
        const { ValidateRequestBody, ValidateRequestParameters } = resource.properties;
        const id = shortId(resource);
        const validator = { body: ValidateRequestBody === true, parameters: ValidateRequestParameters === true };
        apiOf(resource).validators.set(id, validator);
        return { physicalId: id, attributes: { RequestValidatorId: id } };
      },
      remove,
    },
    {
      type: 'AWS::ApiGateway::GatewayResponse',
      deploy(resource) {
        checkProperties(resource, [
          'ResponseParameters',
          'ResponseTemplates',
          'ResponseType',
          'RestApiId',
          'StatusCode',
        ]);
        const response = readGatewayResponse(resource.properties);
        apiOf(resource).gatewayResponses.set(response.type, response);
        return { physicalId: response.type, attributes: { Id: response.type } };
      },
      remove,
    },
    {
      type: 'AWS::ApiGateway::Deployment',
      deploy(resource) {
        checkProperties(resource, ['Description', 'RestApiId']);
        apiOf(resource);
        const id = shortId(resource);
        return { physicalId: id, attributes: { DeploymentId: id } };
      },
      remove,
    },
    {
      type: 'AWS::ApiGateway::Stage',
      deploy(resource) {
        const stage = readStage(resource);
        apiOf(resource).stages.set(stage.name, stage);
        return { physicalId: stage.name, attributes: {} };
      },
      remove,
    },
  ];
};

/** APIs are held in memory: what the template no longer has was not deployed at this start. */
const remove: ResourceProvider['remove'] = () => {};

const readMethod = (resource: ResourceDeclaration): Method => {
  checkProperties(resource, [
    'ApiKeyRequired',
    'AuthorizationType',
    'HttpMethod',
    'Integration',
    'MethodResponses',
    'OperationName',
    'RequestModels',
    'RequestParameters',
    'RequestValidatorId',
    'ResourceId',
    'RestApiId',
  ]);
  const { properties } = resource;
  const authorization = properties.AuthorizationType ?? 'NONE';
  if (authorization !== 'AWS_IAM' && authorization !== 'NONE') {
    throw new DeploymentError(`AuthorizationType ${authorization} is not emulated; use AWS_IAM or NONE`);
  }
  if (properties.ApiKeyRequired === true) throw new DeploymentError('ApiKeyRequired is not emulated');
  const integration = (properties.Integration ?? {}) as Record<string, unknown>;
  if (integration.Type !== 'AWS_PROXY') {
    throw new DeploymentError(`an integration of type ${integration.Type} is not emulated; use AWS_PROXY`);
  }
  const functionArn = /functions\/(arn:aws:lambda:.+)\/invocations$/.exec(String(integration.Uri))?.[1];
  if (!functionArn) throw new DeploymentError('Integration.Uri names no function');
  return {
    resourceId: String(properties.ResourceId),
    httpMethod: String(properties.HttpMethod),
    iam: authorization === 'AWS_IAM',
    functionArn,
    credentialsArn: integration.Credentials === undefined ? undefined : String(integration.Credentials),
    timeoutMs: Math.min(Number(integration.TimeoutInMillis ?? LONGEST_TIMEOUT_MS), LONGEST_TIMEOUT_MS),
    validatorId: properties.RequestValidatorId === undefined ? undefined : String(properties.RequestValidatorId),
    requestModels: (properties.RequestModels ?? {}) as Record<string, string>,
    requestParameters: (properties.RequestParameters ?? {}) as Record<string, boolean>,
  };
};

const readStage = (resource: ResourceDeclaration): Stage => {
  checkProperties(resource, [
    'AccessLogSetting',
    'DeploymentId',
    'Description',
    'MethodSettings',
    'RestApiId',
    'StageName',
    'TracingEnabled',
    'Variables',
  ]);
  const { StageName, MethodSettings, Variables, AccessLogSetting } = resource.properties;
  const log = AccessLogSetting as { DestinationArn?: string; Format?: string } | undefined;
  return {
    name: String(StageName),
    settings: readMethodSettings(MethodSettings),
    variables: (Variables ?? {}) as Record<string, string>,
    accessLog: log?.Format
      ? { logGroup: /log-group:([^:]+)/.exec(log.DestinationArn ?? '')?.[1] ?? 'access', format: log.Format }
      : undefined,
  };
};

const BASE36_DIGITS = 10;

/** Ten lower-case letters and digits, the same at every start. */
const shortId = ({ stackName, logicalId }: ResourceDeclaration): string => {
  const digest = createHash('sha256').update(`${stackName}/${logicalId}`).digest();
  return digest.readBigUInt64BE().toString(36).padStart(BASE36_DIGITS, '0').slice(-BASE36_DIGITS);
};
