import * as z from 'zod';
import { createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject } from 'zod-openapi';

import { BUDGET_MS, BudgetHeaderSchema, DecideRequestSchema, EntityQuerySchema } from '#domain/decide-request.ts';
import { type FailureCode, STATUS } from '#domain/errors.ts';
import { BatchSchema } from '../../functions/ingestion/take-batch.ts';
import { DESCRIPTIONS } from './descriptions.ts';
import { ProblemSchema } from './problems.ts';
import { COMMON_FAILURES, type Example, type Route } from './route.ts';
import { ROUTES } from './routes/index.ts';
import { COMPONENTS, EventSchema } from './schemas.ts';

/** A schema of JSON Schema 2020-12, as OpenAPI 3.1 has them. */
export type JsonSchema = Record<string, unknown>;

/** The document, as far as readers of it here go. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required?: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export type Content = Readonly<
  Record<string, { readonly schema: JsonSchema; readonly examples?: Record<string, Example> }>
>;

/** What a schema documents where its own checks go beyond JSON Schema, or say too little. */
const OVERRIDES: ReadonlyMap<z.ZodType, JsonSchema> = new Map<z.ZodType, JsonSchema>([
  [DecideRequestSchema.shape.event, { $ref: '#/components/schemas/Event' }],
  [BatchSchema.shape.events.element, { $ref: '#/components/schemas/Event' }],
  [BudgetHeaderSchema, { type: 'integer', minimum: BUDGET_MS.least, maximum: BUDGET_MS.most }],
  [EntityQuerySchema.shape.limit, { type: 'integer', minimum: 1, maximum: 100, default: 20 }],
]);

/** The API of this version of Assay, made from the schemas that it checks requests by. */
export const openApiDocument = (routes: readonly Route[] = ROUTES): OpenApiDocument => {
  const registry = z.globalRegistry;
  for (const [id, schema] of COMPONENTS) registry.add(schema, { ...registry.get(schema), id });
  try {
    const document = createDocument(skeletonOf(routes), { override: documented });
    return described(JSON.parse(JSON.stringify(document)));
  } finally {
    for (const schema of COMPONENTS.values()) registry.remove(schema);
  }
};

const documented = ({ zodSchema, jsonSchema }: { readonly zodSchema: unknown; jsonSchema: object }): void => {
  const override = OVERRIDES.get(zodSchema as z.ZodType);
  if (!override) return;
  for (const key of Object.keys(jsonSchema)) delete (jsonSchema as JsonSchema)[key];
  Object.assign(jsonSchema, override);
};

const skeletonOf = (routes: readonly Route[]): ZodOpenApiObject => ({
  openapi: '3.1.1',
  info: {
    title: 'Assay',
    version: '1',
    summary: 'Scores events, takes feedback and tells what was decided',
    description:
      'Requests are signed with SigV4 for `execute-api`. Every error is `application/problem+json` with a `code` from a closed list.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [
    {
      url: 'https://{api}.execute-api.{region}.amazonaws.com/{stage}',
      description: 'The output `ApiUrl` of the service stack',
      variables: { api: { default: 'api' }, region: { default: 'eu-central-1' }, stage: { default: 'dev' } },
    },
  ],
  security: [{ sigv4: [] }],
  paths: pathsOf(routes),
  components: {
    schemas: { Event: EventSchema },
    securitySchemes: {
      sigv4: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'AWS Signature Version 4' },
    },
  },
});

const pathsOf = (routes: readonly Route[]): NonNullable<ZodOpenApiObject['paths']> => {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  return Object.fromEntries(
    [...byPath].map(([path, ofPath]) => [
      path,
      Object.fromEntries(ofPath.map((route) => [route.method, operationOf(route)])),
    ]),
  );
};

const operationOf = (route: Route): ZodOpenApiOperationObject => {
  const { name, summary, description, tag, parameters, body, answer } = route;
  return {
    operationId: name,
    summary,
    description,
    tags: [tag],
    ...(parameters && { requestParams: parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: body.schema, examples: { ...body.examples } } },
      },
    }),
    responses: {
      [String(answer.status)]: {
        description: answer.description,
        ...(answer.schema && {
          content: { 'application/json': { schema: answer.schema, examples: { ...answer.examples } } },
        }),
      },
      ...problemsOf(route),
    },
  };
};

const problemsOf = ({ failures }: Route): NonNullable<ZodOpenApiOperationObject['responses']> => {
  const byStatus = Map.groupBy([...new Set([...COMMON_FAILURES, ...failures])], (code) => STATUS[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content: {
          'application/problem+json': { schema: ProblemSchema, examples: { [codes[0]!]: problemExample(codes[0]!) } },
        },
      },
    ]),
  );
};

const problemExample = (code: FailureCode): Example => ({
  summary: code,
  value: {
    type: `urn:assay:problem:${code}`,
    title: code,
    status: STATUS[code],
    code,
    detail: 'what is wrong, and what to do about it',
    requestId: '7f3c9d1e-5b1a-4c57-9d40-0a8e0c2f6b11',
  },
});

/** The document with the sentences on fields, which the schemas of a running function do without. */
const described = (document: OpenApiDocument): OpenApiDocument => {
  for (const [component, { description, fields = {} }] of Object.entries(DESCRIPTIONS)) {
    const schema = document.components.schemas[component];
    if (!schema) throw new Error(`openapi: component '${component}' is described and not there`);
    schema.description = description;
    for (const [field, sentence] of Object.entries(fields)) {
      const property = (schema.properties as Record<string, JsonSchema> | undefined)?.[field];
      if (!property) throw new Error(`openapi: field '${component}.${field}' is described and not there`);
      property.description = sentence;
    }
  }
  return document;
};

/** The text of `docs/openapi.json`. */
export const openApiText = (): string => `${JSON.stringify(openApiDocument(), undefined, 2)}\n`;
