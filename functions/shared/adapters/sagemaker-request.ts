import type { VariableValue } from '#domain/event.ts';
import type { RemoteMember } from '#ports/remote-members.ts';

/** What is sent to an endpoint. */
export interface EndpointRequest {
  readonly body: string;
  readonly contentType: string;
  /** The answer's format that is asked for. */
  readonly accept: string;
}

/**
 * One row for an endpoint, in the order of the member's inputs.
 *
 * CSV: one line without a header, as SageMaker's own containers take it; a missing value is an empty cell, a boolean
 * 1 or 0. JSON: `{"instances":[{"features":[…]}]}`, SageMaker's common format; a missing value is null.
 */
export const endpointRequestOf = (
  { request, answerPath }: Pick<RemoteMember, 'request' | 'answerPath'>,
  row: readonly (VariableValue | undefined)[],
): EndpointRequest => {
  const accept = answerPath === undefined ? 'text/csv' : 'application/json';
  return request === 'csv'
    ? { body: row.map(cellOf).join(','), contentType: 'text/csv', accept }
    : { body: jsonOf(row), contentType: 'application/json', accept };
};

const jsonOf = (row: readonly (VariableValue | undefined)[]): string =>
  JSON.stringify({ instances: [{ features: row.map((value) => numberedOf(value) ?? null) }] });

const numberedOf = (value: VariableValue | undefined): string | number | undefined =>
  typeof value === 'boolean' ? Number(value) : value;

const cellOf = (value: VariableValue | undefined): string => {
  const text = String(numberedOf(value) ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
