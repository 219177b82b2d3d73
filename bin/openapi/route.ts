import type * as z from 'zod';

import type { FailureCode } from '#domain/errors.ts';

/** A value as documentation shows it. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** A route of the API, as `openapi.json` documents it. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below the stage: `/v1/files/{fileId}`. */
  readonly path: string;
  /** Name of the operation in clients, unique. */
  readonly name: string;
  /** A few words, and then what a caller needs to know. */
  readonly summary: string;
  readonly description: string;
  readonly tag: string;
  readonly parameters?: {
    readonly path?: z.ZodObject;
    readonly query?: z.ZodObject;
    /** Names in lower case. */
    readonly header?: z.ZodObject;
  };
  readonly body?: { readonly schema: z.ZodType; readonly examples: Readonly<Record<string, Example>> };
  readonly answer: {
    readonly status: 200 | 201 | 202 | 204;
    readonly description: string;
    /** Absent: no content. */
    readonly schema?: z.ZodType;
    readonly examples?: Readonly<Record<string, Example>>;
  };
  /** What the function refuses with, beside what every route may ({@link COMMON_FAILURES}). */
  readonly failures: readonly FailureCode[];
}

/** What any request may be answered with: by the gateway, which checks signatures, sizes and rates, or by a fault. */
export const COMMON_FAILURES: readonly FailureCode[] = [
  'invalid_input',
  'unauthorised',
  'forbidden',
  'too_large',
  'unsupported_format',
  'throttled',
  'internal',
  'catalog_unavailable',
  'store_unavailable',
  'deadline_exceeded',
];
