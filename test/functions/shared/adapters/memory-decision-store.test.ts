import { MemoryDecisionStore } from '#adapters/memory-decision-store.ts';
import { decisionStoreContract } from '../../../contracts/decision-store.contract.ts';

decisionStoreContract('memory', async () => {
  const store = new MemoryDecisionStore();
  return { store, rivals: async () => store.rivals, close: async () => {} };
});
