import { MemoryDecisionStore } from '#adapters/memory-decision-store.ts';
import { MemoryProfileStore } from '#adapters/memory-profile-store.ts';
import { decisionStoreContract } from '../../../contracts/decision-store.contract.ts';

decisionStoreContract('memory', async () => {
  const profiles = new MemoryProfileStore();
  const store = new MemoryDecisionStore(profiles);
  return { store, profiles, rivals: async () => store.rivals, close: async () => {} };
});
