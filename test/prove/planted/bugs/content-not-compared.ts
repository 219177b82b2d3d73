import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'content-not-compared',
  harm: 'falsifies',
  changes: [
    {
      file: 'functions/shared/domain/row-ends.ts',
      find: `  return recorded.contentHash === contentHash
`,
      replace: '  return recorded.contentHash.length === contentHash.length\n',
    },
  ],
  groups: ['load'],
};
