import { roleResource } from './assembly.ts';

type Resource = Readonly<Record<string, unknown>>;

const api = { Ref: 'Api' };
const problem = (ResponseType: string, more: object = {}): Resource => ({
  Type: 'AWS::ApiGateway::GatewayResponse',
  Properties: {
    RestApiId: api,
    ResponseType,
    ResponseParameters: { 'gatewayresponse.header.Content-Type': "'application/problem+json'" },
    ResponseTemplates: {
      'application/json':
        '{"title":$context.error.messageString,"code":"$context.error.responseType","requestId":"$context.requestId"}',
    },
    ...more,
  },
});

const method = (ResourceId: object, HttpMethod: string, more: object = {}): Resource => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    RestApiId: api,
    ResourceId,
    HttpMethod,
    AuthorizationType: 'AWS_IAM',
    Integration: {
      Type: 'AWS_PROXY',
      IntegrationHttpMethod: 'POST',
      Uri: {
        'Fn::Join': [
          '',
          [
            'arn:aws:apigateway:',
            { Ref: 'AWS::Region' },
            ':lambda:path/2015-03-31/functions/',
            { 'Fn::GetAtt': ['Function', 'Arn'] },
            '/invocations',
          ],
        ],
      },
      TimeoutInMillis: 300,
    },
    ...more,
  },
});

const resource = (ParentId: object, PathPart: string): Resource => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { RestApiId: api, ParentId, PathPart },
});

const permission = (methodAndPath: string): Resource => ({
  Type: 'AWS::Lambda::Permission',
  Properties: {
    FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
    Principal: 'apigateway.amazonaws.com',
    SourceArn: {
      'Fn::Sub': `arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/prod/${methodAndPath}`,
    },
  },
});

/** An API as the CDK writes one: one function behind every method, errors as problem+json. */
export const apiTemplate = {
  Resources: {
    Function: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'api' } },
    Api: {
      Type: 'AWS::ApiGateway::RestApi',
      Properties: { Name: 'scoring', BinaryMediaTypes: ['application/octet-stream'] },
    },
    V1: resource({ 'Fn::GetAtt': ['Api', 'RootResourceId'] }, 'v1'),
    Decisions: resource({ Ref: 'V1' }, 'decisions'),
    EventType: resource({ Ref: 'Decisions' }, '{eventType}'),
    EventId: resource({ Ref: 'EventType' }, '{eventId}'),
    Latest: resource({ Ref: 'EventType' }, 'latest'),
    Files: resource({ Ref: 'V1' }, 'files'),
    Rest: resource({ Ref: 'Files' }, '{proxy+}'),
    Open: resource({ Ref: 'V1' }, 'open'),
    Slow: resource({ Ref: 'V1' }, 'slow'),
    Forbidden: resource({ Ref: 'V1' }, 'forbidden'),
    Model: {
      Type: 'AWS::ApiGateway::Model',
      Properties: {
        RestApiId: api,
        ContentType: 'application/json',
        Schema: {
          $schema: 'http://json-schema.org/draft-04/schema#',
          type: 'object',
          required: ['eventId'],
          properties: { eventId: { type: 'string', minLength: 1 }, amount: { minimum: 0, exclusiveMinimum: true } },
          additionalProperties: false,
        },
      },
    },
    Validator: {
      Type: 'AWS::ApiGateway::RequestValidator',
      Properties: { RestApiId: api, ValidateRequestBody: true, ValidateRequestParameters: true },
    },
    Decide: method({ Ref: 'Decisions' }, 'POST', {
      RequestModels: { 'application/json': { Ref: 'Model' } },
      RequestValidatorId: { Ref: 'Validator' },
    }),
    Read: method({ Ref: 'EventId' }, 'GET', {
      RequestParameters: { 'method.request.querystring.detector': true, 'method.request.header.X-Budget': false },
      RequestValidatorId: { Ref: 'Validator' },
    }),
    ReadLatest: method({ Ref: 'Latest' }, 'GET'),
    ReadRest: method({ Ref: 'Rest' }, 'ANY'),
    ReadOpen: method({ Ref: 'Open' }, 'GET', { AuthorizationType: 'NONE' }),
    ReadSlow: method({ Ref: 'Slow' }, 'GET'),
    ReadForbidden: method({ Ref: 'Forbidden' }, 'GET'),
    ...Object.fromEntries(
      ['decisions*', 'files*', 'open', 'slow'].map((path, index) => [`Permission${index}`, permission(`*/v1/${path}`)]),
    ),
    Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId: api }, DependsOn: ['Decide', 'Read'] },
    Stage: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: {
        RestApiId: api,
        DeploymentId: { Ref: 'Deployment' },
        StageName: 'prod',
        MethodSettings: [
          { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 1000 },
          {
            HttpMethod: 'GET',
            ResourcePath: '/~1v1~1decisions~1{eventType}~1latest',
            ThrottlingRateLimit: 0.001,
            ThrottlingBurstLimit: 2,
          },
        ],
        AccessLogSetting: {
          DestinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:access:*',
          Format:
            '{"path":"$context.resourcePath","status":"$context.status","who":"$context.identity.userArn","error":"$context.error.responseType"}',
        },
      },
    },
    BadBody: problem('BAD_REQUEST_BODY', {
      ResponseTemplates: {
        'application/json': '{"detail":"$context.error.validationErrorString","code":"$context.error.responseType"}',
      },
    }),
    Client: problem('DEFAULT_4XX'),
    Server: problem('DEFAULT_5XX'),
    Caller: roleResource({
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: {
        'Fn::Sub': 'arn:aws:execute-api:$' + '{AWS::Region}:$' + '{AWS::AccountId}:$' + '{Api}/prod/GET/v1/files/*',
      },
    }),
  },
  Outputs: {
    Url: {
      Value: { 'Fn::Sub': 'https://$' + '{Api}.execute-api.$' + '{AWS::Region}.$' + '{AWS::URLSuffix}/$' + '{Stage}/' },
    },
    Caller: { Value: { 'Fn::GetAtt': ['Caller', 'Arn'] } },
  },
};
