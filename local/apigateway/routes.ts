import type { Method, RestApi } from './definition.ts';

/** The method that answers a request, with what its path says. */
export interface Route {
  readonly method: Method;
  /** As in the template: `/v1/decisions/{eventType}`. */
  readonly resourcePath: string;
  /** Decoded; undefined without parameters. */
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/**
 * Finds the method for a path without its stage. A fixed part goes before a parameter, a parameter before `{proxy+}`,
 * and a method of its own before `ANY`.
 */
export const routeOf = (api: RestApi, httpMethod: string, path: string): Route | undefined => {
  const candidates = [...api.methods.values()]
    .filter((method) => method.httpMethod === httpMethod || method.httpMethod === 'ANY')
    .flatMap((method) => {
      const resourcePath = pathOf(api, method.resourceId);
      const match = matchPath(resourcePath, path);
      return match ? [{ method, resourcePath, ...match }] : [];
    })
    .sort((one, other) => {
      const ranks = one.rank < other.rank ? -1 : one.rank > other.rank ? 1 : 0;
      return ranks || Number(one.method.httpMethod === 'ANY') - Number(other.method.httpMethod === 'ANY');
    });
  const [best] = candidates;
  return best && { method: best.method, resourcePath: best.resourcePath, pathParameters: best.pathParameters };
};

/** The whole path of a resource; `/` for the root. */
const pathOf = (api: RestApi, resourceId: string): string => {
  const resource = api.resources.get(resourceId);
  if (!resource) return '/';
  const parent = resource.parentId === undefined ? '/' : pathOf(api, resource.parentId);
  return `${parent === '/' ? '' : parent}/${resource.pathPart}`;
};

/** One digit a part, for its rank: 0 fixed, 1 parameter, 2 greedy. */
const matchPath = (
  pattern: string,
  path: string,
): { rank: string; pathParameters: Record<string, string> | undefined } | undefined => {
  const wanted = partsOf(pattern);
  const given = partsOf(path);
  const parameters: Record<string, string> = {};
  let rank = '';
  for (const [index, part] of wanted.entries()) {
    const value = given[index];
    const greedy = /^\{(.+)\+\}$/.exec(part)?.[1];
    const single = /^\{(.+)\}$/.exec(part)?.[1];
    if (value === undefined || value === '') return undefined;
    if (greedy !== undefined) {
      parameters[greedy] = given.slice(index).map(decoded).join('/');
      return { rank: `${rank}2`, pathParameters: parameters };
    }
    if (single === undefined && part !== value) return undefined;
    if (single !== undefined) parameters[single] = decoded(value);
    rank += single === undefined ? '0' : '1';
  }
  if (given.length !== wanted.length) return undefined;
  return { rank, pathParameters: Object.keys(parameters).length > 0 ? parameters : undefined };
};

/** A slash at the end makes no difference. */
const partsOf = (path: string): string[] => {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
