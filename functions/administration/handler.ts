import type * as z from 'zod';

import type { Actor } from '#domain/audit.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { ServiceError } from '#domain/errors.ts';
import { type HttpAnswer, ok } from '#runtime/http-answer.ts';
import { type HttpHandler, type HttpOptions, type HttpRequest, httpHandler } from '#runtime/http-handler.ts';
import { parseInput } from '#runtime/http-request.ts';
import { newestModels } from '../registrar/pin-members.ts';
import { activateDetector, putReference } from './activate-detector.ts';
import type { Changed } from './answers.ts';
import type { AdministrationPorts, Asking, ChangedCatalog } from './change-catalog.ts';
import { changeList } from './change-list.ts';
import { putDetector } from './put-detector.ts';
import { putEventType } from './put-event-type.ts';
import { putModel } from './put-model.ts';
import {
  countOf,
  type Read,
  readCatalog,
  readDetector,
  readEventType,
  readList,
  readModel,
  readSwitch,
} from './read-catalog.ts';
import {
  ActivationSchema,
  ListRequestSchema,
  NamePathSchema,
  PutDetectorSchema,
  PutEventTypeSchema,
  PutModelSchema,
  PutReferenceSchema,
  SwitchPathSchema,
  SwitchSchema,
  VersionQuerySchema,
} from './requests.ts';
import { setSwitch } from './set-switch.ts';

export type AdministrationHandlerPorts = Omit<AdministrationPorts, 'logger' | 'metrics'>;

/** Logs and metrics that a test looks into. @default those of the process */
export type HandlerOptions = Pick<HttpOptions<never>, 'loggers' | 'metrics'>;

/** As much as Lambda takes with an event around it; larger things are uploaded first. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Answers everything that administers the catalog: each method of each path apart, so that each is permitted apart. */
export const createHandler = (ports: AdministrationHandlerPorts, options: HandlerOptions = {}): HttpHandler => {
  const named = { name: 'administration', maxBodyBytes: MAX_BODY_BYTES, ...options };
  const around = ({ logger, metrics }: HttpRequest): AdministrationPorts => ({ ...ports, logger, metrics });
  const change = <Schema extends z.ZodType>(
    body: Schema,
    act: (
      name: string,
      input: z.output<Schema>,
      ...rest: readonly [Asking, HttpRequest['deadline'], AdministrationPorts]
    ) => Promise<ChangedCatalog>,
    shown: (name: string, snapshot: CatalogSnapshot) => Partial<Changed>,
  ): HttpHandler =>
    httpHandler({ ...named, body }, async (input, request) => {
      const name = nameIn(request);
      const changed = await act(name, input, askingOf(request), request.deadline, around(request));
      const { moved, revision, snapshotHash, snapshot, etag } = changed;
      const answer = { name, changed: moved, revision, snapshot: snapshotHash, ...shown(name, snapshot) };
      return ok(answer satisfies Changed, { etag });
    });
  const read = (reading: (name: string, request: HttpRequest) => Promise<Read<unknown>>): HttpHandler =>
    httpHandler(named, async (_, request): Promise<HttpAnswer> => {
      const { answer, etag } = await reading(nameIn(request), request);
      return ok(answer, { etag });
    });

  const routes: Readonly<Record<string, HttpHandler>> = {
    'GET /v1/catalog': httpHandler(named, async (_, { deadline }) => ok(await readCatalog(deadline, ports))),
    'GET /v1/catalog/event-types/{name}': read((name, { deadline }) => readEventType(name, deadline, ports)),
    'PUT /v1/catalog/event-types/{name}': change(PutEventTypeSchema, putEventType, versionOfEventType),
    'GET /v1/catalog/models/{name}': read((name, { deadline }) => readModel(name, deadline, ports)),
    'PUT /v1/catalog/models/{name}': change(PutModelSchema, putModel, versionOfModel),
    'GET /v1/catalog/detectors/{name}': read((name, { deadline, query }) =>
      readDetector(name, parseInput(VersionQuerySchema, query, 'the query').version, deadline, ports),
    ),
    'PUT /v1/catalog/detectors/{name}': change(PutDetectorSchema, putDetector, versionsOfDetector),
    'PUT /v1/catalog/detectors/{name}/activation': change(ActivationSchema, activateDetector, versionsOfDetector),
    'PUT /v1/catalog/references/{name}': change(PutReferenceSchema, putReference, versionsOfDetector),
    'GET /v1/lists/{name}': read((name, { deadline }) => readList(name, deadline, ports)),
    'PUT /v1/lists/{name}': change(ListRequestSchema, changeList, versionOfList),
    'GET /v1/switches/{detector}': read((name, { deadline }) => readSwitch(name, deadline, ports)),
    'PUT /v1/switches/{detector}': change(
      SwitchSchema,
      (name, { rulesOnly }, ...rest) => setSwitch(name, rulesOnly, ...rest),
      (name, { switches }) => ({ rulesOnly: switches.rulesOnly.includes(name) }),
    ),
  };
  const unknown = httpHandler(named, async () => {
    throw new ServiceError('not_found', 'there is no such resource');
  });
  return (event, context) => (routes[`${event.httpMethod} ${event.resource}`] ?? unknown)(event, context);
};

const nameIn = ({ pathParameters, resource }: HttpRequest): string =>
  resource.endsWith('{detector}')
    ? parseInput(SwitchPathSchema, pathParameters, 'the path').detector
    : parseInput(NamePathSchema, pathParameters, 'the path').name;

const askingOf = ({ principal, headers, requestId }: HttpRequest): Asking => {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new ServiceError('invalid_input', "'if-none-match' can only be *; leave it out, or send 'if-match'");
  }
  return { actor: actorOf(principal), requestId, ifMatch, ifNew: ifNoneMatch === '*' };
};

/** Everything that is done must be done by somebody. */
const actorOf = ({ kind, id }: HttpRequest['principal']): Actor => {
  if (kind === 'anonymous') throw new ServiceError('forbidden', 'sign the request: the audit log must name who acts');
  return { kind, id };
};

const versionOfEventType = (name: string, { eventTypes }: CatalogSnapshot): Partial<Changed> => ({
  version: eventTypes[name]?.version,
});

const versionOfModel = (name: string, { models }: CatalogSnapshot): Partial<Changed> => ({
  version: newestModels(Object.values(models)).get(name),
});

const versionsOfDetector = (name: string, { detectors }: CatalogSnapshot): Partial<Changed> => ({
  version: detectors[name]?.versions.at(-1)?.version,
  ...(detectors[name]?.active !== undefined && { active: detectors[name].active }),
});

const versionOfList = (name: string, { lists }: CatalogSnapshot): Partial<Changed> => {
  const list = lists[name];
  return list ? { version: list.version, count: countOf(list) } : {};
};
