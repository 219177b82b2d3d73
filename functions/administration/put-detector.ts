import type { Detector } from '#domain/catalog/detector.ts';
import type { CatalogSnapshot } from '#domain/catalog/snapshot.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import { mergeVersions } from '../registrar/next-snapshot.ts';
import { newestModels, pinMembers } from '../registrar/pin-members.ts';
import { FORMS } from '../registrar/register-documents.ts';
import type { Registered } from '../registrar/register-version.ts';
import { type AdministrationPorts, type Asking, type ChangedCatalog, changeCatalog } from './change-catalog.ts';
import { checkNamed, registerFor } from './register-document.ts';

/**
 * Registers a version of a detector, its members pinned to versions of their models. The version stands by: letting it
 * decide is another act, which others may be permitted to do.
 */
export const putDetector = async (
  name: string,
  document: Detector,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<ChangedCatalog> => {
  checkNamed('detector', document.detector, name);
  const act = 'detector.put';
  return changeCatalog(
    {
      document: `detector#${name}`,
      act,
      draft: async (standing) => {
        const pinned = pinnedIn(standing, { ...document, status: 'standby' });
        const versions = standing.detectors[name]?.versions ?? [];
        const version = document.version ?? (versions.at(-1)?.version ?? 0) + 1;
        return {
          snapshot: withVersion(standing, name, { version, hash: '', document: pinned }),
          versions: { [name]: version },
          settle: async () => {
            const unregistered = { kind: 'detector' as const, name, document: pinned, form: FORMS.detector };
            const registered = await registerFor(unregistered, { act, asking, deadline, ports });
            return withVersion(standing, name, registered);
          },
        };
      },
    },
    asking,
    deadline,
    ports,
  );
};

const pinnedIn = ({ models }: CatalogSnapshot, detector: Detector): Detector => {
  const pinning = pinMembers(detector, {
    known: new Set(Object.keys(models)),
    newest: newestModels(Object.values(models)),
  });
  if (pinning.ok) return pinning.pinned;
  const problem = `there is no model ${pinning.missing.join(', ')}; put it first`;
  throw new ServiceError('invalid_input', 'a member names a model that is not registered', {
    fields: [{ field: 'members', problem }],
  });
};

const withVersion = (standing: CatalogSnapshot, name: string, version: Registered<Detector>): CatalogSnapshot => {
  const before = standing.detectors[name];
  const versions = mergeVersions(before?.versions ?? [], [version]);
  return { ...standing, detectors: { ...standing.detectors, [name]: { ...before, versions } } };
};
