import type { AuditAct } from '#domain/audit.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Deadline } from '#ports/clock.ts';
import type { RegisteredKind } from '#ports/registry-store.ts';
import { type Registered, registerVersion, type Unregistered } from '../registrar/register-version.ts';
import { type AdministrationPorts, type Asking, auditRefusal } from './change-catalog.ts';

/** The registering of one document in the name of a caller. */
export interface RegisteringCall {
  readonly act: AuditAct;
  readonly asking: Asking;
  readonly deadline: Deadline;
  readonly ports: AdministrationPorts;
}

/**
 * Registers a document in the name of the caller.
 *
 * @throws {ServiceError} `conflict` for a version that is there with other content: versions are immutable.
 */
export const registerFor = async <Document extends { readonly version?: number | undefined }>(
  unregistered: Unregistered<Document>,
  { act, asking, deadline, ports }: RegisteringCall,
): Promise<Registered<Document>> => {
  const writing = { ...ports, writtenBy: asking.actor.id };
  const { outcome, registered } = await registerVersion(unregistered, deadline, writing);
  if (outcome !== 'refused') return registered;
  const { kind, name } = unregistered;
  const reason = `version ${registered.version} is there with other content`;
  await auditRefusal({ act, kind, name, reason }, asking, deadline, ports);
  throw new ServiceError('conflict', `${reason}; leave 'version' out, or give the change a number of its own`);
};

/** @throws {ServiceError} when a document names itself otherwise than the path does. */
export const checkNamed = (kind: RegisteredKind, named: string, name: string): void => {
  if (named === name) return;
  const field = kind === 'event-type' ? 'eventType' : kind;
  throw new ServiceError('invalid_input', 'the document has another name than the path', {
    fields: [{ field, problem: `write '${name}' here, or put the document to the path of its own name` }],
  });
};
