import type { Detector } from '#domain/catalog/detector.ts';
import type { Model } from '#domain/catalog/documents.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { checkReferenceOf, whyModelFails } from '../../functions/shared/catalog/check-model-file.ts';
import type { Report } from '../../functions/shared/catalog/report.ts';
import type { CatalogProblem } from './problem.ts';
import { REFERENCES } from './source.ts';

/**
 * Checks a model's file: it can be read, and takes the inputs that its document lists.
 *
 * @param bytes - of the model's file; undefined where it cannot be read.
 */
export const checkModelFile = (model: Model, bytes: Uint8Array | undefined, report: Report): void => {
  if (!bytes) {
    report(['file'], `'${model.file}' cannot be read`, 'put the file beside this document');
    return;
  }
  const why = whyModelFails(bytes, model);
  if (why !== undefined)
    report(['file'], `'${model.file}' cannot be used: ${why}`, 'correct the inputs or save the model again');
};

/**
 * Checks a detector's score reference: it can be read, and was made with the models that the detector has now.
 *
 * @param models - bytes of each model by name.
 */
export const checkReferenceFile = (
  file: string,
  bytes: Uint8Array | undefined,
  {
    detectors,
    models,
  }: { readonly detectors: ReadonlyMap<string, Detector>; readonly models: ReadonlyMap<string, Uint8Array> },
): readonly CatalogProblem[] => {
  const problem = (what: string, remedy: string) => [
    { file: `${REFERENCES}/${file}`, path: '', problem: what, remedy },
  ];
  const name = /^(.+)\.json$/.exec(file)?.[1];
  if (name === undefined)
    return problem('only references are read here', 'name it <detector>.json, or move it elsewhere');
  const detector = detectors.get(name);
  if (!detector) return problem(`there is no detector '${name}'`, 'remove the file, or add the detector');
  const hashOf = (model: string): string | undefined => {
    const modelBytes = models.get(model);
    return modelBytes && sha256Hex(modelBytes);
  };
  const found = checkReferenceOf(detector, bytes, hashOf);
  return found ? problem(found.problem, found.remedy) : [];
};
