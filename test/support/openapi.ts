import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

import type { OpenApiDocument, Operation } from '../../bin/openapi/document.ts';

/** The document as it is committed. */
export const openApi = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../docs/openapi.json'), 'utf8'),
) as OpenApiDocument;

// Formats are said by patterns too, and some of what OpenAPI allows is no keyword of JSON Schema.
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'openapi', ...openApi });

const validators = new Map<string, ValidateFunction>();
const validatorAt = (pointer: readonly string[]): ValidateFunction => {
  const path = pointer.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
  const known = validators.get(path);
  if (known) return known;
  const made = ajv.compile({ $ref: `openapi#/${encodeURI(path).replaceAll('#', '%23')}` });
  validators.set(path, made);
  return made;
};

export const operationAt = (method: string, path: string): Operation | undefined =>
  openApi.paths[path]?.[method.toLowerCase()];

/** An answer of the API, however it was got. */
export interface Answered {
  readonly method: string;
  /** As documented: `/v1/files/{fileId}`. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null | undefined;
  readonly body: unknown;
}

/** How an answer contradicts the document; undefined when it agrees. */
export const contradictionOf = ({ method, path, status, contentType, body }: Answered): string | undefined => {
  const documented = operationAt(method, path)?.responses[String(status)];
  const what = `${method} ${path} answers ${status}`;
  if (!documented) return `${what}, which is not documented`;
  const type = contentType?.split(';')[0] ?? '';
  if (!documented.content?.[type]) return `${what} as '${type}', which is not documented`;
  const pointer = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema'];
  const validate = validatorAt(pointer);
  return validate(body) ? undefined : `${what} with another body: ${ajv.errorsText(validate.errors)}`;
};

/** How a request's body contradicts the document; undefined when it agrees. */
export const bodyContradictionOf = (method: string, path: string, body: unknown): string | undefined => {
  const pointer = ['paths', path, method.toLowerCase(), 'requestBody', 'content', 'application/json', 'schema'];
  const validate = validatorAt(pointer);
  return validate(body) ? undefined : `the body of ${method} ${path}: ${ajv.errorsText(validate.errors)}`;
};
