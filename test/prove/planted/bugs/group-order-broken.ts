import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'group-order-broken',
  harm: 'disorders',
  changes: [
    {
      file: 'functions/shared/runtime/queue-handler.ts',
      find: `      if (!one) break;
      begun.push(one.done);`,
      replace: '      begun.push(one ? one.done : Promise.resolve(false));',
    },
    {
      file: 'functions/shared/runtime/queue-handler.ts',
      find: `    const whole = done.indexOf(false);
    return group.slice(whole < 0 ? done.length : whole);`,
      replace: '    return group.filter((_, index) => !done[index]);',
    },
  ],
  groups: ['reordering'],
};
