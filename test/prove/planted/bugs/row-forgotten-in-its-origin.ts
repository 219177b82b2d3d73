import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'row-forgotten-in-its-origin',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/shared/domain/row-ends.ts',
      find: `  origin === originKey({ kind: 'file', fileId, row });`,
      replace: `  origin.startsWith(originKey({ kind: 'file', fileId, row }).replace(/[^/]*$/, ''));`,
    },
  ],
  groups: ['load'],
};
