import type { AuditAct } from '#domain/audit.ts';
import type { List } from '#domain/catalog/documents.ts';
import { type ListValue, textOf, valuesInListObject } from '#domain/catalog/list-object.ts';
import type { CatalogSnapshot, SnapshotList } from '#domain/catalog/snapshot.ts';
import { type FieldProblem, ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Tokeniser } from '#ports/tokeniser.ts';
import { parseInput } from '#runtime/http-request.ts';
import { LIST_FORM } from '../registrar/document-form.ts';
import { contentOfList, keysOf, lookUpForm } from '../registrar/look-up-form.ts';
import { listEntryOf } from '../registrar/register-list.ts';
import { checkListHead, checkListValues } from '../shared/catalog/check-list.ts';
import {
  type AdministrationPorts,
  type Asking,
  type ChangedCatalog,
  changeCatalog,
  refuseFields,
} from './change-catalog.ts';
import { fieldReport } from './field-report.ts';
import { registerFor } from './register-document.ts';
import { type ListRequest, ListValuesSchema, PlainValuesSchema } from './requests.ts';
import { readUploadedJson } from './uploads.ts';

const MOST_VALUES = 100_000;

const ACTS: Readonly<Record<ListRequest['operation'], AuditAct>> = {
  replace: 'list.replace',
  append: 'list.append',
  remove: 'list.remove',
};

/**
 * Replaces the values of a list, or adds to them, or takes some away; makes the list if a replacement names one that is
 * new. Values that stand for persons become tokens here, under all keys: what they were is kept nowhere.
 */
export const changeList = async (
  name: string,
  request: ListRequest,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<ChangedCatalog> => {
  const { objects, tokeniser: tokenisers, clock } = ports;
  const given = await valuesOf(request, deadline, ports);
  const fields: FieldProblem[] = [];
  checkListValues(given, fieldReport(fields));
  refuseFields(fields);
  const act = ACTS[request.operation];
  return changeCatalog(
    {
      document: `list#${name}`,
      act,
      draft: async (snapshot) => {
        const standing = Object.hasOwn(snapshot.lists, name) ? snapshot.lists[name] : undefined;
        const head = headOf(name, request, standing);
        checkHead(head, snapshot);
        const tokeniser = head.of === undefined ? undefined : await tokenisers.current(deadline);
        const wanted = lookUpForm({ ...head, values: given }, tokeniser).values;
        const before =
          standing && request.operation !== 'replace' ? await standingValues(standing, deadline, ports) : [];
        const values = merged(before, wanted, request.operation, clock.nowMs());
        const document = { ...head, values };
        checkCount(document);
        const keys = keysAfter(request, standing, tokeniser);
        const withEntry = (entry: SnapshotList): CatalogSnapshot => ({
          ...snapshot,
          lists: { ...snapshot.lists, [name]: entry },
        });
        return {
          snapshot: withEntry({ version: 1, hash: '', document: head, values: { key: '', sha256: '', count: 0 } }),
          settle: async () => {
            const unregistered = { kind: 'list' as const, name, document, form: LIST_FORM };
            const registered = await registerFor<List>(unregistered, { act, asking, deadline, ports });
            return withEntry(await listEntryOf(registered, { keys, standing }, deadline, objects));
          },
        };
      },
    },
    asking,
    deadline,
    ports,
  );
};

const valuesOf = async (
  { operation, values, upload }: ListRequest,
  deadline: Deadline,
  { objects }: AdministrationPorts,
): Promise<List['values']> => {
  if (!upload) return values ?? [];
  const schema = operation === 'remove' ? PlainValuesSchema : ListValuesSchema;
  return parseInput(schema, await readUploadedJson(upload, deadline, objects), 'the uploaded list');
};

const headOf = (name: string, request: ListRequest, standing: SnapshotList | undefined) => {
  if (request.operation !== 'replace') {
    if (!standing)
      throw new ServiceError(
        'not_found',
        `list '${name}' is not registered; register it first: PUT /v1/lists/${name} with operation 'replace' ('assay list put'), or put its document ('assay catalog put')`,
      );
    const { of, description } = standing.document;
    return headWith(name, of, description);
  }
  const of = request.of === undefined ? standing?.document.of : (request.of ?? undefined);
  return headWith(name, of, request.description ?? standing?.document.description);
};

const headWith = (list: string, of: string | undefined, description: string | undefined) => ({
  format: 1 as const,
  list,
  ...(of !== undefined && { of }),
  ...(description !== undefined && { description }),
});

const checkHead = (head: Pick<List, 'of'>, { eventTypes }: CatalogSnapshot): void => {
  const fields: FieldProblem[] = [];
  checkListHead(
    head,
    Object.values(eventTypes).map(({ document }) => document),
    fieldReport(fields),
  );
  refuseFields(fields);
};

/** The values that a list has by now, as they are registered: tokens, where it is of something. */
const standingValues = async (
  standing: SnapshotList,
  deadline: Deadline,
  { objects }: AdministrationPorts,
): Promise<List['values']> => {
  if (!('values' in standing)) return standing.document.values;
  const bytes = await objects.get(standing.values.key, deadline);
  if (bytes) return valuesInListObject(bytes);
  throw new ServiceError('catalog_unavailable', `the models bucket has lost '${standing.values.key}'; restore it`);
};

/** Each value once, with its newest end; without those whose end has passed, which nothing asks for any more. */
const merged = (
  before: List['values'],
  wanted: List['values'],
  operation: ListRequest['operation'],
  nowMs: number,
): ListValue[] => {
  const values = new Map(before.map((value) => [textOf(value), value]));
  for (const value of wanted) {
    if (operation === 'remove') values.delete(textOf(value));
    else values.set(textOf(value), value);
  }
  return [...values.values()].filter((value) => typeof value === 'string' || Date.parse(value.until) > nowMs);
};

const checkCount = (list: List): void => {
  const count = contentOfList(list).values.length;
  if (count <= MOST_VALUES) return;
  refuseFields([
    { field: 'values', problem: `the list would have ${count} values; at most ${MOST_VALUES} fit one list` },
  ]);
};

/** Under how many keys all values have tokens: those that stand have theirs from when they came. */
const keysAfter = (
  { operation }: ListRequest,
  standing: SnapshotList | undefined,
  tokeniser: Tokeniser | undefined,
): number | undefined => {
  if (!tokeniser) return undefined;
  const now = keysOf(tokeniser);
  const before = standing && 'values' in standing ? (standing.values.keys ?? now) : now;
  return operation === 'replace' ? now : Math.min(now, before);
};
