/** An entry of a record's own: callers choose names, and every object has a `constructor`. */
export const ownOf = <Entry>(entries: Readonly<Record<string, Entry>>, name: string): Entry | undefined =>
  Object.hasOwn(entries, name) ? entries[name] : undefined;
