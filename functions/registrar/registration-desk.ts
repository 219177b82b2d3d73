import type { Deadline } from '#ports/clock.ts';
import type { RegisteredKind } from '#ports/registry-store.ts';
import { type Registration, type RegistrationPorts, registerVersion, type Unregistered } from './register-version.ts';

/** A document that was not registered, and why. */
export interface Refusal {
  readonly kind: RegisteredKind | 'reference' | 'switch';
  readonly name: string;
  readonly version: number | undefined;
  readonly problem: string;
}

/** Registers one document after the other, and notes what came of it. */
export interface Desk {
  /** @returns the document with its number; of one that is refused, the version that stands in its place. */
  register<Document extends { readonly version?: number | undefined }>(
    unregistered: Unregistered<Document>,
  ): Promise<Registration<Document>>;
  /** How many versions were new. */
  added(): number;
  readonly refused: Refusal[];
}

export const createDesk = (deadline: Deadline, ports: RegistrationPorts): Desk => {
  const refused: Refusal[] = [];
  let added = 0;
  return {
    refused,
    added: () => added,
    register: async (unregistered) => {
      const registration = await registerVersion(unregistered, deadline, ports);
      const { outcome, registered } = registration;
      const { kind, name } = unregistered;
      const { version } = registered;
      if (outcome === 'added') added++;
      if (outcome === 'refused') {
        const problem = `version ${version} is registered with other content; give the change a version of its own`;
        refused.push({ kind, name, version, problem });
      }
      return registration;
    },
  };
};
