import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'guard-dropped',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-decision-store.ts',
      find: '[this.#put(eventItem(commit, expiresAt), true),',
      replace: '[this.#put(eventItem(commit, expiresAt), false),',
    },
  ],
  groups: ['reordering', 'duplicates', 'load'],
};
