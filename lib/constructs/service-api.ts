import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  type JsonSchema,
  JsonSchemaType,
  JsonSchemaVersion,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type Model,
  RequestValidator,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import { resourceNameOf, type StageConfig } from '../config.ts';
import { addAdministration } from './administration.ts';
import { Firewall } from './firewall.ts';
import { privateAccess } from './private-access.ts';
import { liveOf } from './service-function.ts';

export interface ServiceApiProps {
  readonly stageName: string;
  readonly stage: StageConfig;
  /** Encrypts the API's logs. */
  readonly logKey: IKey;
  /** Answers `POST /v1/events` and `GET /v1/files/{fileId}`. */
  readonly ingestion: IFunction;
  /** Answers `/v1/decisions`. */
  readonly scoring: IFunction;
  /** Answers `POST /v1/feedback`. */
  readonly feedback: IFunction;
  /** Answers `/v1/catalog`, `/v1/lists` and `/v1/switches`. */
  readonly administration: IFunction;
}

/** What the gateway itself refuses, as problem+json like everything else; `code` is from the API's closed list. */
const GATEWAY_PROBLEMS: readonly { type: ResponseType; status: number; code: string; detail: string }[] = [
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 403,
    code: 'forbidden',
    detail: 'sign the request with SigV4, and check method and path',
  },
  {
    type: ResponseType.INVALID_SIGNATURE,
    status: 403,
    code: 'forbidden',
    detail: 'the signature does not match; sign for execute-api in the region of the API',
  },
  {
    type: ResponseType.EXPIRED_TOKEN,
    status: 403,
    code: 'forbidden',
    detail: 'the credentials have expired; get new ones',
  },
  {
    type: ResponseType.ACCESS_DENIED,
    status: 403,
    code: 'forbidden',
    detail: 'the caller needs execute-api:Invoke on this method',
  },
  {
    type: ResponseType.WAF_FILTERED,
    status: 403,
    code: 'forbidden',
    detail: 'the firewall blocked it: too many requests from one address, or what looks like an attack',
  },
  { type: ResponseType.UNAUTHORIZED, status: 401, code: 'unauthorised', detail: 'sign the request with SigV4' },
  {
    type: ResponseType.BAD_REQUEST_BODY,
    status: 400,
    code: 'invalid_input',
    detail: 'the body does not have the shape that this method takes; send JSON as the README shows',
  },
  {
    type: ResponseType.BAD_REQUEST_PARAMETERS,
    status: 400,
    code: 'invalid_input',
    detail: 'a required query parameter is missing; the README lists them',
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    code: 'too_large',
    detail: 'send at most 10 MB, or put a file into the inbox',
  },
  {
    type: ResponseType.UNSUPPORTED_MEDIA_TYPE,
    status: 415,
    code: 'unsupported_format',
    detail: 'send application/json',
  },
  { type: ResponseType.RESOURCE_NOT_FOUND, status: 404, code: 'not_found', detail: 'there is no such resource' },
  { type: ResponseType.THROTTLED, status: 429, code: 'throttled', detail: 'too many requests; try again with backoff' },
  { type: ResponseType.QUOTA_EXCEEDED, status: 429, code: 'throttled', detail: 'the quota is used up' },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 504,
    code: 'deadline_exceeded',
    detail: 'no answer in time; the request may be repeated safely',
  },
  {
    type: ResponseType.INTEGRATION_FAILURE,
    status: 503,
    code: 'store_unavailable',
    detail: 'try again; the request may be repeated safely',
  },
  { type: ResponseType.DEFAULT_4XX, status: 400, code: 'invalid_input', detail: 'the request was refused' },
  {
    type: ResponseType.DEFAULT_5XX,
    status: 500,
    code: 'internal',
    detail: 'try again; the request may be repeated safely',
  },
];

const object = (properties: Record<string, JsonSchema>, required: string[]): JsonSchema => ({
  schema: JsonSchemaVersion.DRAFT4,
  type: JsonSchemaType.OBJECT,
  properties,
  // Draft 4, and so API Gateway, refuses an empty list.
  ...(required.length > 0 && { required }),
});

// The gateway turns away what cannot be a request; the functions say exactly what is wrong with the rest.
const anObject: JsonSchema = { type: JsonSchemaType.OBJECT };
const listOfObjects: JsonSchema = { type: JsonSchemaType.ARRAY, items: anObject, minItems: 1, maxItems: 500 };

/** The API for services: REST, Regional, signed with IAM credentials, validated, throttled, logged. */
export class ServiceApi extends Construct {
  readonly api: RestApi;
  private readonly requests: RequestValidator;

  constructor(scope: Construct, id: string, props: ServiceApiProps) {
    super(scope, id);
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      encryptionKey: props.logKey,
      retention: props.stage.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new RestApi(this, 'Api', {
      restApiName: resourceNameOf(props.stage, props.stageName),
      description: 'Scores events, takes feedback and tells what was decided',
      ...(props.stage.network.apiEndpoints
        ? privateAccess(this, props.stage.network.apiEndpoints)
        : { endpointTypes: [EndpointType.REGIONAL] }),
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
      deployOptions: {
        stageName: props.stageName,
        tracingEnabled: true,
        metricsEnabled: true,
        // What API Gateway itself gets wrong. More would put paths, and so ids, into the log.
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        throttlingRateLimit: props.stage.api.requestsPerSecond,
        throttlingBurstLimit: props.stage.api.burst,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        // The path is left out: it may hold an event's id.
        accessLogFormat: AccessLogFormat.custom(
          JSON.stringify({
            requestId: AccessLogField.contextRequestId(),
            time: AccessLogField.contextRequestTime(),
            caller: AccessLogField.contextIdentityCaller(),
            method: AccessLogField.contextHttpMethod(),
            resource: AccessLogField.contextResourcePath(),
            status: AccessLogField.contextStatus(),
            bytes: AccessLogField.contextResponseLength(),
            latencyMs: AccessLogField.contextResponseLatency(),
            integrationMs: AccessLogField.contextIntegrationLatency(),
          }),
        ),
      },
    });
    this.keepExecutionLogs(props);
    this.requests = new RequestValidator(this, 'Requests', {
      restApi: this.api,
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    this.answerProblems();
    this.addMethods(props);
    if (props.stage.firewall.enabled) new Firewall(this, 'Firewall', { ...props, api: this.api });
  }

  /** API Gateway would make this group itself, to be kept forever and under no key of ours. */
  private keepExecutionLogs({ stageName, stage, logKey }: ServiceApiProps): void {
    const group = new LogGroup(this, 'ExecutionLogs', {
      logGroupName: `API-Gateway-Execution-Logs_${this.api.restApiId}/${stageName}`,
      encryptionKey: logKey,
      retention: stage.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api.deploymentStage.node.addDependency(group);
  }

  private answerProblems(): void {
    for (const { type, status, code, detail } of GATEWAY_PROBLEMS) {
      const text = `{"type":"about:blank","title":"${code}","status":${status},"code":"${code}","detail":"${detail}","requestId":"$context.requestId"}`;
      this.api.addGatewayResponse(`Problem${type.responseType}`, {
        type,
        statusCode: String(status),
        responseHeaders: { 'Content-Type': "'application/problem+json'" },
        templates: { 'application/json': text },
      });
    }
  }

  private addMethods({ ingestion, scoring, feedback, administration }: ServiceApiProps): void {
    const v1 = this.api.root.addResource('v1');
    const decisions = v1.addResource('decisions');
    v1.addResource('events').addMethod('POST', proxy(ingestion), {
      requestValidator: this.requests,
      requestModels: this.model('Events', object({ events: listOfObjects }, ['events'])),
    });
    v1.addResource('files').addResource('{fileId}').addMethod('GET', proxy(ingestion));
    decisions.addMethod('POST', proxy(scoring), {
      requestValidator: this.requests,
      requestModels: this.model('Decision', object({ event: anObject }, ['event'])),
    });
    decisions.addMethod('GET', proxy(scoring), {
      requestValidator: this.requests,
      requestParameters: {
        'method.request.querystring.entityKind': true,
        'method.request.querystring.entityId': true,
        'method.request.querystring.limit': false,
        'method.request.querystring.next': false,
      },
    });
    decisions.addResource('{eventType}').addResource('{eventId}').addMethod('GET', proxy(scoring));
    v1.addResource('feedback').addMethod('POST', proxy(feedback), {
      requestValidator: this.requests,
      requestModels: this.model('Feedback', object({}, [])),
    });
    const requestModels = this.model('Administration', object({}, []));
    addAdministration({ v1, integration: proxy(administration), requestModels, requestValidator: this.requests });
  }

  private model(id: string, schema: JsonSchema): Record<string, Model> {
    return { 'application/json': this.api.addModel(`${id}Request`, { contentType: 'application/json', schema }) };
  }
}

const proxy = (target: IFunction): LambdaIntegration =>
  new LambdaIntegration(liveOf(target), { allowTestInvoke: false });
