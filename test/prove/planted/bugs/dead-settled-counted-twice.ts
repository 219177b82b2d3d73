import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'dead-settled-counted-twice',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/ingestion/settle-file.ts',
      find: 'await sumUp(withoutChunks(record), ports.ledger);',
      replace: 'await sumUp({ ...record, settledThrough: 0 }, ports.ledger);',
    },
  ],
  groups: ['redrive'],
};
