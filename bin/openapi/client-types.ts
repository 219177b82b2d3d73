import { compile, type JSONSchema } from 'json-schema-to-typescript';

import type { Content, JsonSchema, OpenApiDocument, Operation } from './document.ts';

const BANNER = '/** Types of the API, made from openapi.json by `assay openapi --write`. */';

/**
 * TypeScript types of an API for clients: `Paths` in the shape that `openapi-fetch` takes, and an interface for each
 * component. Made by way of a JSON Schema that describes what requests and answers look like.
 */
export const clientTypesOf = async (document: OpenApiDocument): Promise<string> => {
  const paths = mapValues(document.paths, (operations) => objectOf(mapValues(operations, operationSchema)));
  const named = mapValues(document.components.schemas, (schema, title) => ({ ...schema, title }));
  const schema = { ...objectOf(paths), title: 'Paths', components: { schemas: named } };
  const types = await compile(structuredClone(schema) as JSONSchema, 'Paths', {
    bannerComment: BANNER,
    additionalProperties: true,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 120 },
  });
  // A status is a number to openapi-fetch, and a text to JSON Schema.
  return types.replace(/^( +)'(\d{3})':/gm, '$1$2:');
};

const operationSchema = ({ parameters = [], requestBody, responses }: Operation): JsonSchema =>
  objectOf({
    ...(parameters.length > 0 && { parameters: parametersSchema(parameters) }),
    ...(requestBody && { requestBody: objectOf({ content: contentSchema(requestBody.content) }) }),
    responses: objectOf(
      mapValues(responses, ({ content }) => objectOf(content ? { content: contentSchema(content) } : {})),
    ),
  });

/** Parameters by the place that they go to. */
const parametersSchema = (parameters: NonNullable<Operation['parameters']>): JsonSchema =>
  objectOf(
    Object.fromEntries(
      [...Map.groupBy(parameters, (parameter) => parameter.in)].map(([place, those]) => [
        place,
        objectOf(
          Object.fromEntries(those.map(({ name, schema }) => [name, schema])),
          those.filter(({ required }) => required).map(({ name }) => name),
        ),
      ]),
    ),
    [...new Set(parameters.filter(({ required }) => required).map((parameter) => parameter.in))],
  );

const contentSchema = (content: Content): JsonSchema => objectOf(mapValues(content, ({ schema }) => schema));

/** @param required - names of properties that are always there; all unless told. */
const objectOf = (
  properties: Readonly<Record<string, JsonSchema>>,
  required = Object.keys(properties),
): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});

const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
