import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'page-dropped-after-a-late-set',
  harm: 'loses',
  changes: [
    {
      file: 'functions/shared/adapters/dynamo-page-items.ts',
      find: '  return { ...move, sets: new Map([...move.sets].filter(isOpen)) };',
      replace: '  return { ...move, adds: new Map(), sets: new Map([...move.sets].filter(isOpen)) };',
    },
  ],
  groups: ['history'],
};
