import * as z from 'zod';

import { type Detector, DetectorSchema } from '#domain/catalog/detector.ts';
import {
  type List,
  ListSchema,
  type Model,
  ModelSchema,
  type Switches,
  SwitchesSchema,
} from '#domain/catalog/documents.ts';
import { type EventType, EventTypeSchema } from '#domain/catalog/event-type.ts';
import { nearestName } from '#rules/suggest.ts';
import type { CatalogProblem } from './problem.ts';
import type { CatalogSource } from './source.ts';
import type { YamlDocument } from './yaml-document.ts';

/** A document that its schema takes, with where it stands. */
export interface Parsed<Content> {
  readonly content: Content;
  readonly at: YamlDocument;
}

/** All documents of a catalog, each right by itself. */
export interface ParsedCatalog {
  readonly eventTypes: readonly Parsed<EventType>[];
  readonly detectors: readonly Parsed<Detector>[];
  readonly lists: readonly Parsed<List>[];
  readonly models: readonly Parsed<Model>[];
  readonly switches: readonly Parsed<Switches>[];
}

/** Schemas by the name that `assay catalog schema` gives them. */
export const DOCUMENT_SCHEMAS = {
  'event-type': EventTypeSchema,
  detector: DetectorSchema,
  list: ListSchema,
  model: ModelSchema,
  switches: SwitchesSchema,
} as const;

/** Checks each document by its schema. */
export const parseDocuments = (
  source: CatalogSource,
): { readonly parsed: ParsedCatalog; readonly problems: readonly CatalogProblem[] } => {
  const problems: CatalogProblem[] = [];
  const parse = <Schema extends z.ZodType>(documents: readonly YamlDocument[], schema: Schema) =>
    documents.flatMap((at): Parsed<z.output<Schema>>[] => {
      const result = schema.safeParse(at.value);
      if (result.success) return [{ content: result.data, at }];
      problems.push(...result.error.issues.flatMap((issue) => problemsOf(issue, at, schema)));
      return [];
    });
  const { eventType, detector, list, model } = source.documents;
  const parsed = {
    eventTypes: parse(eventType, EventTypeSchema),
    detectors: parse(detector, DetectorSchema),
    lists: parse(list, ListSchema),
    models: parse(model, ModelSchema),
    switches: parse(source.switches, SwitchesSchema),
  };
  return { parsed, problems };
};

const problemsOf = (issue: z.core.$ZodIssue, at: YamlDocument, schema: z.ZodType): readonly CatalogProblem[] => {
  const problemAt = (path: readonly PropertyKey[], problem: string, remedy: string): CatalogProblem => ({
    file: at.file,
    line: at.lineOf(path),
    path: path.map(String).join('.'),
    problem,
    remedy,
  });
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => {
      const meant = nearestName(key, known);
      const remedy = meant
        ? `did you mean '${meant}'?`
        : `remove it${known.length > 0 ? `; known are ${known.join(', ')}` : ''}`;
      return problemAt([...issue.path, key], `'${key}' is not known here`, remedy);
    });
  }
  if (issue.code === 'invalid_key') {
    const why = issue.issues[0]?.message ?? 'the name is not valid';
    return [problemAt(issue.path, `the name '${String(issue.path.at(-1))}' cannot be used`, why)];
  }
  if (/received undefined/.test(issue.message)) return [problemAt(issue.path, 'this is missing', 'add it')];
  if (issue.code === 'invalid_union' && issue.errors.length === 0) {
    return [problemAt(issue.path, 'none of the known kinds', remedyFor(issue))];
  }
  return [problemAt(issue.path, issue.message, remedyFor(issue))];
};

const remedyFor = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_type') return `write ${aKind(issue.expected)}`;
  if (issue.code === 'invalid_value') return `use one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_union' && 'discriminator' in issue && issue.discriminator) {
    return `correct '${issue.discriminator}'; 'assay catalog schema' lists what it may be`;
  }
  if (issue.code === 'too_small') return `give at least ${issue.minimum}${unitOf(issue.origin)}`;
  if (issue.code === 'too_big') return `give at most ${issue.maximum}${unitOf(issue.origin)}`;
  return "see 'assay catalog schema' for what may stand here";
};

/** What a size is counted in; nothing for a number, which is its own size. */
const unitOf = (origin: string): string => ({ array: ' of them', string: ' characters' })[origin] ?? '';

const aKind = (expected: string): string =>
  ({
    record: 'names and values',
    object: 'names and values',
    array: 'a list',
    string: 'text',
    boolean: 'true or false',
  })[expected] ?? `a ${expected}`;

/** Names that an object of the document may have, for the nearest to be named; none where the schema offers a choice. */
const keysAt = (schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] => {
  let node = jsonSchemaOf(schema) as JsonSchema | undefined;
  for (const step of path) {
    node =
      typeof step === 'number'
        ? node?.items
        : (node?.properties?.[String(step)] ?? asSchema(node?.additionalProperties));
  }
  return [
    ...Object.keys(node?.properties ?? {}),
    ...(node?.oneOf ?? []).flatMap(({ properties }) => Object.keys(properties ?? {})),
  ];
};

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
}

const asSchema = (candidate: JsonSchema | boolean | undefined): JsonSchema | undefined =>
  typeof candidate === 'object' ? candidate : undefined;

/** JSON Schema of a document as it is written, before defaults. */
export const jsonSchemaOf = (schema: z.ZodType): object => z.toJSONSchema(schema, { io: 'input' });
