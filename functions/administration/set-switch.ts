import type { Deadline } from '#ports/clock.ts';
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
        return { snapshot: isSo ? standing : { ...standing, switches: { ...standing.switches, rulesOnly: now } } };
      },
    },
    asking,
    deadline,
    ports,
  );
