import { decodeIterator } from './stream-operations.ts';

/** A permission that a request needs. */
export interface RequiredPermission {
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  /** The ARN it is needed on, or `*` for an action that has no resource. */
  readonly resource: string;
}

type Body = Readonly<Record<string, unknown>>;

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value);
const textIn = (body: Body, name: string): string | undefined => {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
};

const TRANSACT_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

/** What each action of a transaction does, and on which table. */
const transactTargets = (body: Body): { operation: string; table: string }[] => {
  const items = Array.isArray(body.TransactItems) ? body.TransactItems.filter(isBody) : [];
  return items.flatMap((item) =>
    Object.entries(TRANSACT_ACTIONS).flatMap(([kind, operation]) => {
      const action = item[kind];
      const table = isBody(action) ? textIn(action, 'TableName') : undefined;
      return table === undefined ? [] : [{ operation, table }];
    }),
  );
};

const streamArnOf = (body: Body): string | undefined => {
  const iterator = textIn(body, 'ShardIterator');
  return textIn(body, 'StreamArn') ?? (iterator === undefined ? undefined : decodeIterator(iterator)?.arn);
};

const resourcesOf = (operation: string, body: Body, arnOf: (table: string) => string): RequiredPermission[] => {
  const need = (resource: string, name = operation) => ({ action: `dynamodb:${name}`, resource });
  switch (operation) {
    case 'ListTables':
    case 'ListStreams':
      return [need('*')];
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return isBody(body.RequestItems) ? Object.keys(body.RequestItems).map((table) => need(arnOf(table))) : [];
    case 'TransactWriteItems':
    case 'TransactGetItems':
      return transactTargets(body).map(({ operation: name, table }) => need(arnOf(table), name));
    case 'DescribeStream':
    case 'GetShardIterator':
    case 'GetRecords': {
      const arn = streamArnOf(body);
      return arn === undefined ? [] : [need(arn)];
    }
    default: {
      const table = textIn(body, 'TableName');
      if (table === undefined) return [];
      const index = textIn(body, 'IndexName');
      return [need(index === undefined ? arnOf(table) : `${arnOf(table)}/index/${index}`)];
    }
  }
};

/**
 * The permissions that a request needs, each once, in the order of its parts. A body too malformed to
 * say what it is about needs none: handling it changes nothing and answers with a validation error.
 */
export const permissionsFor = (
  operation: string,
  body: unknown,
  arnOf: (table: string) => string,
): RequiredPermission[] => {
  const all = isBody(body) ? resourcesOf(operation, body, arnOf) : [];
  return all.filter(
    ({ action, resource }, at) => all.findIndex((one) => one.action === action && one.resource === resource) === at,
  );
};
