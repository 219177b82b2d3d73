import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'dedupe-dropped',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-decision-store.ts',
      find: '[this.#put(eventItem(commit, expiresAt), true),',
      replace: '[this.#put(eventItem(commit, expiresAt), false),',
    },
    {
      file: 'functions/scoring/decide-chunk.ts',
      find: '  const recorded = new Map(before);',
      replace: '  const recorded = new Map<string, RecordedEvent>();',
    },
  ],
  groups: ['load'],
};
