import { Readable } from 'node:stream';
import type { TreeModel } from '#model/xgboost-read.ts';
import { readBody } from '../bodies.ts';
import { AwsError } from '../errors.ts';
import { textOf } from '../inside.ts';
import type { Host, Room } from '../resources.ts';
import type { AwsRequest, AwsResponse } from '../service.ts';
import { createEndpoints, type ModelDefinition, type Served } from './definitions.ts';
import { ContainerError, infer } from './inference.ts';
import { readModelArchive } from './model-archive.ts';

const INVOCATIONS = /^\/endpoints\/([^/]+)\/invocations$/;
const LARGEST_REQUEST_BYTES = 6 * 1024 * 1024;
const LARGEST_ARCHIVE_BYTES = 512 * 1024 * 1024;
/** A model that could not be loaded is not tried again at once. */
const RETRY_MS = 5000;

/**
 * SageMaker: endpoints that serve XGBoost models, through InvokeEndpoint.
 *
 * An endpoint loads the model that it names, in the name of its execution role, when the cloud starts. What image the
 * template names does not matter: answers are those of SageMaker's XGBoost container.
 */
export const createSageMaker = (host: Host): Room => {
  const endpoints = createEndpoints(host);
  const loaded = new WeakMap<ModelDefinition, Promise<TreeModel>>();

  const modelOf = (name: string, { model: definition }: Served): Promise<TreeModel> => {
    const known = loaded.get(definition);
    if (known) return known;
    const loading = loadModel(host, definition);
    loaded.set(definition, loading);
    loading.catch((error: unknown) => {
      host.notice(`endpoint ${name} has no model: ${messageOf(error)}`);
      setTimeout(() => loaded.delete(definition), RETRY_MS).unref();
    });
    return loading;
  };

  const invoke = async (name: string, served: Served, { headers, body }: AwsRequest): Promise<AwsResponse> => {
    const model = await modelOf(name, served).catch((error: unknown) => {
      throw validationError(`Endpoint ${name} is not in service: ${messageOf(error)}`);
    });
    const text = (await readBody(body, LARGEST_REQUEST_BYTES)).toString('utf8');
    try {
      const answer = infer(model, text, headers['content-type'], headers.accept);
      return {
        status: 200,
        headers: { 'content-type': answer.contentType, 'x-amzn-invoked-production-variant': served.variantName },
        body: answer.body,
      };
    } catch (error) {
      if (error instanceof ContainerError) throw modelError(name, error, host);
      throw error;
    }
  };

  return {
    resources: endpoints.resources,
    async start() {
      await Promise.allSettled(
        endpoints.names().map(async (name) => {
          const served = endpoints.find(name);
          if (served) await modelOf(name, served);
        }),
      );
    },
    service: {
      signingName: 'sagemaker',
      protocol: 'rest-json',
      async handle(request, authorise) {
        const [, encoded] = INVOCATIONS.exec(request.path) ?? [];
        if (encoded === undefined || request.method !== 'POST') {
          throw new AwsError('UnknownOperationException', `sagemaker: ${request.path} is not emulated`, 404);
        }
        const name = decodeURIComponent(encoded);
        authorise(request.principal, [{ action: 'sagemaker:InvokeEndpoint', resource: endpoints.arnOf(name) }]);
        const served = endpoints.find(name);
        if (!served) throw validationError(`Endpoint ${name} of account ${host.accountId} not found.`);
        return invoke(name, served, request);
      },
      close() {},
    },
  };
};

const loadModel = async (host: Pick<Host, 'call'>, { bucket, key, principal }: ModelDefinition): Promise<TreeModel> => {
  const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const answer = await host.call(principal, 's3', { method: 'GET', path });
  if (answer.status >= 300) {
    const [, reason] = /<Message>(.*?)<\/Message>/s.exec(await textOf(answer)) ?? [];
    throw new Error(`s3://${bucket}/${key} could not be read: ${reason ?? `status ${answer.status}`}`);
  }
  const body = answer.body instanceof Readable ? answer.body : Readable.from([Buffer.from(answer.body ?? '')]);
  return readModelArchive(await readBody(body, LARGEST_ARCHIVE_BYTES));
};

const validationError = (message: string): AwsError => new AwsError('ValidationError', message);

/** What the SDK throws when the container refuses: the container's own status and words are members of it. */
const modelError = (name: string, { status, message }: ContainerError, { region, accountId }: Host): AwsError =>
  new AwsError(
    'ModelError',
    `Received client error (${status}) from primary with message "${message}". See the log of the endpoint.`,
    424,
    {
      OriginalStatusCode: status,
      OriginalMessage: message,
      LogStreamArn: `arn:aws:logs:${region}:${accountId}:log-group:/aws/sagemaker/Endpoints/${name}`,
    },
  );

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
