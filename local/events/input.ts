import { DeploymentError } from '../errors.ts';

/** The part of a rule's target that says what is sent. */
export interface TargetInput {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
}

/**
 * Makes what a target gets of an event: a constant, a part of it, a template filled from it, or all of it; as text.
 *
 * In a template, `<name>` inside a JSON string is the bare text of its value, elsewhere its JSON; a path that leads
 * nowhere is an empty text or null.
 *
 * @throws {DeploymentError} for a path that is not a plain one (`$.detail.id`, `$.resources[0]`).
 */
export const inputFor = (target: TargetInput, event: Readonly<Record<string, unknown>>): string => {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(target.InputPath, event) ?? null);
  if (!target.InputTransformer) return JSON.stringify(event);
  const { InputPathsMap = {}, InputTemplate } = target.InputTransformer;
  const values = new Map(Object.entries(InputPathsMap).map(([name, path]) => [name, valueAt(path, event)]));
  values.set('aws.events.event', event);
  values.set('aws.events.event.json', JSON.stringify(event));
  values.set('aws.events.event.ingestion-time', event.time);
  return fill(InputTemplate, values);
};

const valueAt = (path: string, event: unknown): unknown => {
  if (!/^\$(\.[\w-]+|\[\d+\])*$/.test(path)) throw new DeploymentError(`the input path '${path}' is not emulated`);
  let value = event;
  for (const [, name, index] of path.matchAll(/\.([\w-]+)|\[(\d+)\]/g)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name ?? index ?? ''];
  }
  return value;
};

const fill = (template: string, values: ReadonlyMap<string, unknown>): string => {
  let inString = false;
  let filled = '';
  for (const [part] of template.matchAll(/\\.|"|<[^<>]+>|[^"\\<]+|[<\\]/gs)) {
    const name = part.startsWith('<') ? part.slice(1, -1) : '';
    if (name !== '' && (values.has(name) || name.startsWith('aws.events.'))) {
      const json = JSON.stringify(values.get(name) ?? (inString ? '' : null));
      filled += inString ? bareIn(json) : json;
    } else {
      if (part === '"') inString = !inString;
      filled += part;
    }
  }
  return filled;
};

const bareIn = (json: string): string => (json.startsWith('"') ? json.slice(1, -1) : JSON.stringify(json).slice(1, -1));
