import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const FOLDER = new URL('../../../fixtures/xgboost/', import.meta.url);

/** A file of test/fixtures/xgboost, unpacked. */
export const fixture = (name: string): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(new URL(`${name}.gz`, FOLDER))));

interface StoredReference {
  readonly files: readonly string[];
  readonly features: number;
  readonly rows: string;
  readonly margins: string;
  readonly probabilities: string;
  readonly bestIteration?: number;
  readonly bestMargins?: string;
}

export interface Prediction {
  readonly name: string;
  readonly file: string;
  readonly features: number;
  /** Rows one after the other. */
  readonly rows: Float32Array;
  readonly margins: Float32Array;
  readonly probabilities: Float32Array;
  readonly bestIteration?: number;
  readonly bestMargins?: Float32Array;
}

const float32s = (base64: string): Float32Array => {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return new Float32Array(bytes.buffer);
};

/** What XGBoost itself predicted, for each model file. */
export const predictions = (): readonly Prediction[] => {
  const stored: Record<string, StoredReference> = JSON.parse(new TextDecoder().decode(fixture('references.json')));
  return Object.entries(stored).flatMap(([name, { files, features, bestIteration, bestMargins, ...values }]) =>
    files.map((file) => ({
      name,
      file,
      features,
      rows: float32s(values.rows),
      margins: float32s(values.margins),
      probabilities: float32s(values.probabilities),
      ...(bestIteration !== undefined && { bestIteration }),
      ...(bestMargins !== undefined && { bestMargins: float32s(bestMargins) }),
    })),
  );
};
