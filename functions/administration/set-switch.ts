import type { Deadline } from '#ports/clock.ts';
import { disowned } from '../registrar/deployment-changes.ts';
import { detectorIn } from './activate-detector.ts';
import { type AdministrationPorts, type Asking, type ChangedCatalog, changeCatalog } from './change-catalog.ts';

/** Turns a detector's kill switch: its rules alone decide, models left out, or all of it again. */
export const setSwitch = async (
  name: string,
  rulesOnly: boolean,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<ChangedCatalog> =>
  changeCatalog(
    {
      document: `switch#${name}`,
      act: 'switch.set',
      draft: async (standing) => {
        detectorIn(standing, name);
        const others = standing.switches.rulesOnly.filter((other) => other !== name);
        const now = rulesOnly ? [...others, name].sort() : others;
        const isSo = standing.switches.rulesOnly.includes(name) === rulesOnly;
        if (isSo) return { snapshot: standing };
        const turned = { ...standing, switches: { ...standing.switches, rulesOnly: now } };
        return { snapshot: disowned(turned, `switch#${name}`) };
      },
    },
    asking,
    deadline,
    ports,
  );
