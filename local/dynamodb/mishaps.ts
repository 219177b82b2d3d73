import type { FaultPoints } from '../faults.ts';
import type { Access, Interference } from './service-context.ts';

/** What comes in the way of accesses to tables on purpose. Decided for each call anew, before it is handled. */
export interface Mishaps {
  /** @param caller - ARN of who calls. */
  beginCall(operation: string, caller: string): void;
  interfere(access: Access): Interference | undefined;
}

/** Part of a batch's items that are left unprocessed, at least one. */
const UNPROCESSED_SHARE = 0.3;

export const createMishaps = ({ strikes, random }: Pick<FaultPoints, 'strikes' | 'random'>): Mishaps => {
  let meets: 'conflict' | 'unprocessed' | undefined;
  let isFirst = true;
  return {
    beginCall(operation, caller) {
      isFirst = true;
      meets = undefined;
      const victim = { caller, operation };
      if (operation.startsWith('Transact') && strikes('dynamodb', 'conflict', victim)) meets = 'conflict';
      if (operation.startsWith('Batch') && strikes('dynamodb', 'unprocessed', victim)) meets = 'unprocessed';
    },
    interfere() {
      const first = isFirst;
      isFirst = false;
      // One item of a transaction is enough to cancel it.
      if (meets === 'conflict') return first ? 'conflict' : undefined;
      if (meets !== 'unprocessed') return undefined;
      return first || random() < UNPROCESSED_SHARE ? 'throttle' : undefined;
    },
  };
};
