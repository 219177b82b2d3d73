import type { EventType } from '#domain/catalog/event-type.ts';
import type { FieldProblem } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import { entryOf } from '../registrar/next-snapshot.ts';
import { FORMS } from '../registrar/register-documents.ts';
import { checkEventType } from '../shared/catalog/check-event-type.ts';
import {
  type AdministrationPorts,
  type Asking,
  type ChangedCatalog,
  changeCatalog,
  refuseFields,
} from './change-catalog.ts';
import { fieldReport } from './field-report.ts';
import { checkNamed, registerFor } from './register-document.ts';

/** Registers an event type and puts it in force: events are validated by it from the next few seconds on. */
export const putEventType = async (
  name: string,
  document: EventType,
  asking: Asking,
  deadline: Deadline,
  ports: AdministrationPorts,
): Promise<ChangedCatalog> => {
  checkNamed('event-type', document.eventType, name);
  const fields: FieldProblem[] = [];
  checkEventType(document, fieldReport(fields));
  refuseFields(fields);
  const act = 'event-type.put';
  return changeCatalog(
    {
      document: `event-type#${name}`,
      act,
      draft: async (standing) => {
        const version = document.version ?? (standing.eventTypes[name]?.version ?? 0) + 1;
        const withEntry = (entry: (typeof standing.eventTypes)[string]) => ({
          ...standing,
          eventTypes: { ...standing.eventTypes, [name]: entry },
        });
        return {
          snapshot: withEntry({ version, hash: '', document }),
          settle: async () => {
            const unregistered = { kind: 'event-type' as const, name, document, form: FORMS.eventType };
            return withEntry(entryOf(await registerFor(unregistered, { act, asking, deadline, ports })));
          },
        };
      },
    },
    asking,
    deadline,
    ports,
  );
};
