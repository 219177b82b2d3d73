import { MemoryProfileStore } from '#adapters/memory-profile-store.ts';
import { profileStoreContract } from './profile-store.contract.ts';

profileStoreContract('memory', async () => ({ store: new MemoryProfileStore(), close: async () => {} }));
