import { Command, Option } from 'commander';
import pc from 'picocolors';

import { deadlineIn } from '#runtime/deadline.ts';
import { connectRedrive } from '../redrive/connect.ts';
import { type Move, moveDeadLetters } from '../redrive/move-dead-letters.ts';
import { type Redrive, type RedrivenChunk, redriveChunks, type Selection } from '../redrive/redrive-chunks.ts';
import type { System } from '../system/system.ts';
import { onSystem, type TargetFlags, withSystem } from '../system/target.ts';

/** Chunks that are kept in the quarantine bucket, by the queue that they came from. */
const KEPT = { chunks: 'events', feedback: 'feedback' } as const;
/** Queues whose dead letters are moved back as they are. */
const MOVED = { files: 'files', pending: 'pending', publishing: 'streams' } as const;
type KeptQueue = keyof typeof KEPT;
type MovedQueue = keyof typeof MOVED;

interface Flags extends TargetFlags {
  readonly file?: string;
  readonly queue?: KeptQueue | MovedQueue;
  readonly dryRun?: boolean;
  readonly wait: string;
}

/** `redrive`: sends what died back to where it is worked on, once the cause is mended. */
export const redriveCommand = (): Command =>
  onSystem(new Command('redrive'))
    .description('send what died back to where it is worked on; a chunk three times at most')
    .addOption(new Option('--file <id>', 'the dead chunks of this file or batch').conflicts('queue'))
    .addOption(
      new Option('--queue <name>', 'all that died behind this queue').choices([
        ...Object.keys(KEPT),
        ...Object.keys(MOVED),
      ]),
    )
    .option('--dry-run', 'say what would be sent, and send nothing')
    .option('--wait <seconds>', 'how long to wait until it is worked on', '120')
    .action(redrive);

/** Says where a person may have seen one. */
const NO_FILE_ID = [
  "--file must be the id of a file or batch, 24 of 0-9 and a-f: 'npm start' and 'assay drop' print it, POST /v1/events",
  "answers it as fileId, and 'assay redrive --queue chunks --dry-run' lists all that died",
].join(' ');

const redrive = async (flags: Flags, command: Command): Promise<void> => {
  const { file, queue } = flags;
  if (file === undefined && queue === undefined) command.error('error: say --file or --queue');
  if (file !== undefined && !/^[0-9a-f]{24}$/.test(file)) command.error(`error: ${NO_FILE_ID}`);
  const seconds = Number(flags.wait);
  if (!(seconds >= 0 && seconds <= 86_400)) command.error('error: --wait must be seconds from 0 to 86400');
  const waitMs = seconds * 1_000;
  await withSystem(flags, async (system) => {
    if (queue !== undefined && queue in MOVED) return move(queue as MovedQueue, waitMs, flags, system);
    await again(file === undefined ? { kind: KEPT[queue as KeptQueue] } : { fileId: file }, waitMs, flags, system);
  });
};

/** Reading what is kept takes its time, too: this much on top. */
const READING_MS = 3_600_000;

const again = async (selection: Selection, waitMs: number, flags: Flags, system: System): Promise<void> => {
  const dryRun = flags.dryRun ?? false;
  const { ports, close } = connectRedrive(system);
  try {
    const redriven = await redriveChunks(selection, { dryRun, waitMs }, deadlineIn(READING_MS + waitMs), ports);
    console.log(flags.json ? JSON.stringify({ dryRun, ...redriven }, undefined, 2) : chunksInWords(redriven, dryRun));
    const isLeft = redriven.chunks.some(({ fate }) => fate !== 'sent' && fate !== 'settled');
    if (isLeft || redriven.files.some(({ dead }) => dead !== 0)) process.exitCode = 1;
  } finally {
    close();
  }
};

const move = async (queue: MovedQueue, waitMs: number, flags: Flags, system: System): Promise<void> => {
  const dryRun = flags.dryRun ?? false;
  const { sqs, close } = connectRedrive(system);
  try {
    const moved = await moveDeadLetters(system.queues[MOVED[queue]], { dryRun }, deadlineIn(waitMs), sqs);
    console.log(flags.json ? JSON.stringify({ dryRun, queue, ...moved }, undefined, 2) : moveInWords(queue, moved));
    if (moved.status !== undefined && moved.status !== 'COMPLETED') process.exitCode = 1;
  } finally {
    close();
  }
};

/** What to do about a chunk that was not sent. */
const REASONS: Readonly<Record<RedrivenChunk['fate'], string>> = {
  sent: 'sent again',
  settled: 'settled already',
  spent: pc.red('not sent: it has died four times; drop the file again once the cause is mended'),
  forgotten: pc.yellow('not sent: nobody knows its file any more; drop the file again'),
  unreadable: pc.red('not sent: it is no chunk; see unreadable-dead-letters in docs/runbook.md'),
  refused: pc.red('not sent: the queue refused it; repeat the command'),
};

const chunksInWords = ({ chunks, files }: Redrive, dryRun: boolean): string => {
  if (chunks.length === 0) return 'Nothing has died.';
  const lines = chunks.map(({ key, rows = 0, redrives = 0, fate }) => {
    const what = dryRun && fate === 'sent' ? 'would be sent again' : REASONS[fate];
    return `${key}  ${rows} rows  ${what}${fate === 'sent' ? ` (${redrives} of 3)` : ''}`;
  });
  const ends = files.map(({ fileId, deadBefore, dead }) =>
    dead === undefined
      ? pc.yellow(`file ${fileId}: not decided yet; repeat the command to have it summed up`)
      : `file ${fileId}: ${deadBefore} rows were dead, ${dead} are`,
  );
  return [...lines, ...ends].join('\n');
};

const moveInWords = (queue: string, { waiting, status, moved }: Move): string =>
  status === undefined
    ? `${queue}: ${waiting} dead letters; nothing was moved`
    : `${queue}: ${moved} of about ${waiting} dead letters moved back (${status.toLowerCase()})`;
