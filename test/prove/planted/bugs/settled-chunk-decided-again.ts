import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'settled-chunk-decided-again',
  harm: 'wastes',
  changes: [
    {
      file: 'functions/scoring/decide-chunk.ts',
      find: `  if (known?.status === 'settled') return { rest: Promise.resolve() };
`,
      replace: '',
    },
  ],
  groups: ['duplicates'],
};
