import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'late-promise-reported-as-success',
  harm: 'loses',
  changes: [
    {
      file: 'functions/shared/runtime/queue-handler.ts',
      find: '      await orAborted(work, deadline.signal);',
      replace: `      work.catch(() => {});
      await orAborted(Promise.resolve(), deadline.signal);`,
    },
  ],
  groups: ['late-promises'],
};
