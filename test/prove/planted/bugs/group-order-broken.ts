import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'group-order-broken',
  harm: 'disorders',
  changes: [
    {
      file: 'functions/shared/runtime/queue-handler.ts',
      find: `    for (const [index, record] of group.entries()) {
      if (!(await handleOne(record, deadline, requestId))) return group.slice(index);
    }
    return [];`,
      replace: `    const failed: SQSRecord[] = [];
    for (const record of group) if (!(await handleOne(record, deadline, requestId))) failed.push(record);
    return failed;`,
    },
  ],
  groups: ['reordering'],
};
