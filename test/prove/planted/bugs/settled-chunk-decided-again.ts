import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'settled-chunk-decided-again',
  harm: 'wastes',
  changes: [
    {
      file: 'functions/scoring/decide-chunk.ts',
      find: `  if ((await ledger.findChunk(fileId, sequence))?.status === 'settled') return;
`,
      replace: `  await ledger.findChunk(fileId, sequence);
`,
    },
  ],
  groups: ['duplicates'],
};
