/** What templates and access logs can say about a request: `$context.identity.sourceIp` and the like. */
export interface Context {
  readonly [name: string]: string | number | undefined | Context;
}

/** The value at a dotted path; undefined if there is none. */
export const contextValue = (context: Context, path: string): string | number | undefined => {
  let value: string | number | undefined | Context = context;
  for (const name of path.split('.')) {
    value = typeof value === 'object' && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return typeof value === 'object' ? undefined : value;
};

/** Replaces every `$context.…` of a template; what the context does not have becomes `missing`. */
export const fillTemplate = (template: string, context: Context, missing: string): string =>
  template.replace(/\$context\.(\w+(?:\.\w+)*)/g, (_, path: string) => String(contextValue(context, path) ?? missing));

/** `22/Nov/2026:06:15:00 +0000`, as API Gateway writes the time of a request. */
export const requestTimeOf = (at: Date): string => {
  const [, , day, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(at.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
};
