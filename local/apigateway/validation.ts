import type { Ajv, ErrorObject } from 'ajv';
import AjvDraft04 from 'ajv-draft-04';
import { DeploymentError } from '../errors.ts';

/** Says what is wrong with a body, in the words of `$context.error.validationErrorString`; undefined if nothing is. */
export type BodyTest = (body: unknown) => string | undefined;

/** Draft 4 is what API Gateway reads; a schema that names another is refused there too. */
const DRAFT_4 = 'http://json-schema.org/draft-04/schema#';

const Validator = AjvDraft04.default as unknown as typeof Ajv;

/** @throws {DeploymentError} if the schema is not valid, or refers to another document. */
export const compileModel = (schema: unknown): BodyTest => {
  const source = (typeof schema === 'string' ? JSON.parse(schema) : (schema ?? {})) as Record<string, unknown>;
  if (source.$schema !== undefined && source.$schema !== DRAFT_4) {
    throw new DeploymentError(`Schema.$schema must be ${DRAFT_4}, the only one that API Gateway reads`);
  }
  try {
    const validate = new Validator({ strict: false, validateFormats: false, allErrors: true }).compile(source);
    return (body) => (validate(body) ? undefined : `[${(validate.errors ?? []).map(describe).join(', ')}]`);
  } catch (cause) {
    throw new DeploymentError(`Schema: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
};

/** Names the place and the rule, never the value. */
const describe = ({ instancePath, keyword, params, message }: ErrorObject): string => {
  if (keyword === 'required') return `object has missing required properties (["${params.missingProperty}"])`;
  if (keyword === 'additionalProperties') {
    return `object instance has properties which are not allowed by the schema: ["${params.additionalProperty}"]`;
  }
  return `${instancePath || 'body'} ${message}`;
};
