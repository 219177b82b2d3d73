import type { PlantedBug } from '../planted-bug.ts';

export const bug: PlantedBug = {
  name: 'asked-twice',
  harm: 'wastes',
  changes: [
    {
      file: 'functions/scoring/ask-members.ts',
      find: '    return await remote.ask(member, rowOf(member.inputs, values), deadline);',
      replace: `    await remote.ask(member, rowOf(member.inputs, values), deadline);
    return await remote.ask(member, rowOf(member.inputs, values), deadline);`,
    },
  ],
  groups: ['load'],
};
