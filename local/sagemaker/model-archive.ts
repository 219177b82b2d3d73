import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ModelError } from '#model/model-error.ts';
import { readXgboost, type TreeModel } from '#model/xgboost-read.ts';
import { isTar, readTar } from './tar.ts';

/** Largest archive, unpacked: what a machine of a developer can hold beside all else. */
const LARGEST_BYTES = 512 * 1024 * 1024;
const unzip = promisify(gunzip);

/**
 * Finds the XGBoost model in what `ModelDataUrl` names: a gzipped tar, a tar, or the model's file itself, gzipped or
 * plain. In an archive it is the file `xgboost-model`, or else the first whose content is a model.
 *
 * @throws {ModelError} if there is none, saying why.
 */
export const readModelArchive = async (bytes: Uint8Array): Promise<TreeModel> => {
  const unpacked = isGzip(bytes) ? await unzip(bytes, { maxOutputLength: LARGEST_BYTES }) : bytes;
  if (!isTar(unpacked)) return readXgboost(unpacked);
  const candidates = readTar(unpacked)
    .filter(({ name, bytes: content }) => isNamedModel(name) || content[0] === OPENING_BRACE)
    .sort((one, other) => Number(isNamedModel(other.name)) - Number(isNamedModel(one.name)));
  let first: unknown = new ModelError('the archive holds no XGBoost model; save it with save_model, as xgboost-model');
  for (const [index, candidate] of candidates.entries()) {
    try {
      return readXgboost(candidate.bytes);
    } catch (error) {
      if (index === 0) first = error;
    }
  }
  throw first;
};

const OPENING_BRACE = 0x7b;
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
const isNamedModel = (name: string): boolean => name.split('/').at(-1) === 'xgboost-model';
