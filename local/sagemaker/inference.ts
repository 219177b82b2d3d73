import type { TreeModel } from '#model/xgboost-read.ts';

/** A request that the model's container refuses, with the status that it answers. */
export class ContainerError extends Error {
  override readonly name = 'ContainerError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the container answers. */
export interface Inference {
  readonly contentType: string;
  readonly body: string;
}

type Row = readonly number[];

/**
 * Scores the rows of a request, as SageMaker's XGBoost container does.
 *
 * `text/csv`: a row a line, without a header; an empty cell is missing. `application/json`:
 * `{"instances":[{"features":[…]}]}`, or rows as arrays; null is missing. The answer is `text/csv` (a probability a
 * line) or `application/json` (`{"predictions":[{"score":…}]}`): what `accept` names, else what the request was.
 *
 * @throws {ContainerError} 400 for rows that do not fit the model, 415 for another type, 406 for another answer.
 */
export const infer = (
  model: TreeModel,
  body: string,
  contentType: string | undefined,
  accept: string | undefined,
): Inference => {
  const type = mediaType(contentType) ?? CSV;
  if (type !== CSV && type !== JSON_TYPE) throw new ContainerError(415, `content type ${type} is not supported`);
  const answerType = [undefined, '*/*'].includes(mediaType(accept)) ? type : mediaType(accept);
  if (answerType !== CSV && answerType !== JSON_TYPE) {
    throw new ContainerError(406, `accept type ${answerType} is not supported`);
  }
  const rows = type === CSV ? csvRows(body) : jsonRows(body);
  if (rows.length === 0) throw new ContainerError(400, 'the request holds no rows');
  const scores = rows.map((row) => scoreOf(model, row));
  return answerType === CSV
    ? { contentType: 'text/csv; charset=utf-8', body: `${scores.join('\n')}\n` }
    : {
        contentType: JSON_TYPE,
        body: JSON.stringify({ predictions: scores.map((score) => ({ score })) }),
      };
};

const CSV = 'text/csv';
const JSON_TYPE = 'application/json';

const mediaType = (header: string | undefined): string | undefined => header?.split(';')[0]?.trim().toLowerCase();

const scoreOf = (model: TreeModel, row: Row): number => {
  if (row.length !== model.featureCount) {
    throw new ContainerError(
      400,
      `Feature size mismatch: the model takes ${model.featureCount}, a row has ${row.length}`,
    );
  }
  return Math.fround(model.predictProbability(Float32Array.from(row)));
};

const csvRows = (body: string): Row[] => {
  const text = body.replace(/\r\n?/g, '\n').replace(/\n+$/, '');
  return text.trim() === '' ? [] : text.split('\n').map((line) => line.split(',').map(cellOf));
};

const cellOf = (cell: string): number => {
  const text = cell.trim();
  if (text === '' || text.toLowerCase() === 'nan') return Number.NaN;
  return finite(Number(text));
};

const jsonRows = (body: string): Row[] => {
  const rows = instancesIn(parsed(body));
  return rows.map((row) => {
    const features = isObject(row) ? row.features : row;
    if (!Array.isArray(features)) throw new ContainerError(400, 'an instance has no features');
    return features.map((value: unknown) => (value === null ? Number.NaN : finite(value)));
  });
};

const instancesIn = (value: unknown): readonly unknown[] => {
  const list = isObject(value) ? value.instances : value;
  if (!Array.isArray(list)) throw new ContainerError(400, 'the request is not {"instances":[{"features":[…]}]}');
  return list.length > 0 && list.every((item) => item === null || typeof item === 'number') ? [list] : list;
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    throw new ContainerError(400, 'the request is not JSON');
  }
};

const finite = (value: unknown): number => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ContainerError(400, 'a feature is not a number');
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
