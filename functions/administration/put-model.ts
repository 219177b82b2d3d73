import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import type { FieldProblem } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import { FORMS, modelEntryOf, type RegisteredModel } from '../registrar/register-documents.ts';
import { objectKey } from '../registrar/register-version.ts';
import { checkModel } from '../shared/catalog/check-model.ts';
import { whyModelFails } from '../shared/catalog/check-model-file.ts';
import {
  type AdministrationPorts,
  type Asking,
  type ChangedCatalog,
  changeCatalog,
  refuseFields,
} from './change-catalog.ts';
import { fieldReport } from './field-report.ts';
import { checkNamed, registerFor } from './register-document.ts';
import type { PutModel } from './requests.ts';
import { readUpload } from './uploads.ts';

/** Registers a version of a model, once its file has really been read and takes the inputs that are listed. */
export const putModel = async (
  name: string,
  { document, file }: PutModel,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<ChangedCatalog> => {
  checkNamed('model', document.model, name);
  const { objects } = ports;
  const bytes =
    'base64' in file ? Buffer.from(file.base64, 'base64') : await readUpload(file.upload, deadline, objects);
  const why = whyModelFails(bytes, document);
  if (why !== undefined) refuseFields([{ field: 'file', problem: `the file cannot be used: ${why}` }]);
  const fileSha256 = sha256Hex(bytes);
  const act = 'model.put';
  return changeCatalog(
    {
      document: `model#${name}`,
      act,
      draft: async (standing) => {
        checkInputs(standing, document);
        return {
          snapshot: standing,
          settle: async () => {
            await objects.put(objectKey(fileSha256), bytes, 'application/octet-stream', deadline);
            const unregistered = { kind: 'model' as const, name, document, form: FORMS.model, fileSha256 };
            const registered = await registerFor(unregistered, { act, asking, deadline, ports });
            const key = `${name}@${registered.version}`;
            return { ...standing, models: { ...standing.models, [key]: modelEntryOf(registered, fileSha256) } };
          },
        };
      },
    },
    asking,
    deadline,
    ports,
  );
};

const checkInputs = ({ eventTypes }: CatalogSnapshot, document: RegisteredModel['document']): void => {
  const fields: FieldProblem[] = [];
  const types = new Map(Object.entries(eventTypes).map(([name, entry]) => [name, entry.document]));
  checkModel(document, types, fieldReport(fields));
  refuseFields(fields.map(({ field, problem }) => ({ field: `document.${field}`, problem })));
};
