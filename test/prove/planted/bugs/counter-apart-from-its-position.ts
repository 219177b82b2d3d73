import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'counter-apart-from-its-position',
  harm: 'doubles',
  changes: [
    {
      file: 'functions/ingestion/settle-file.ts',
      find: 'await ports.ledger.update(summed, delivery.owner);',
      replace: 'await ports.ledger.update({ ...summed, settledThrough: record.settledThrough }, delivery.owner);',
    },
  ],
  groups: ['reordering'],
};
