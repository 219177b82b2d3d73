import type { System } from './system.ts';

export interface Example {
  readonly title: string;
  /** One line for a POSIX shell. */
  readonly command: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * One `curl` line for each thing that a caller does first, with the development keys of this machine in place.
 *
 * @param hasCardPayments - false leaves out what a catalog without the worked example's event type would refuse.
 */
export const examplesFor = (
  system: System,
  fileId: string | undefined,
  now: Date,
  hasCardPayments = true,
): readonly Example[] => {
  const { accessKeyId = '', secretAccessKey = '' } = system.credentials ?? {};
  const curl = (path: string, body?: unknown): string =>
    [
      'curl -sS',
      `--aws-sigv4 aws:amz:${system.region}:execute-api`,
      `--user ${quoted(`${accessKeyId}:${secretAccessKey}`)}`,
      ...(body === undefined ? [] : ["-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(body))}`]),
      quoted(new URL(path, system.apiUrl).href),
    ].join(' ');
  const eventId = `try-${now.getTime().toString(36)}`;
  const event = {
    eventId,
    eventType: 'card_payment',
    occurredAt: now.toISOString(),
    entities: { customer: 'C-1', terminal: 'T-1' },
    variables: { amount: 950, currency: 'EUR', channel: 'online', distance_km: 870 },
  };
  const checkFile = fileId === undefined ? [] : [{ title: 'check the file', command: curl(`v1/files/${fileId}`) }];
  if (!hasCardPayments) return checkFile;
  return [
    { title: 'score an event', command: curl('v1/decisions', { event }) },
    { title: 'read its decision', command: curl(`v1/decisions/card_payment/${eventId}`) },
    {
      title: 'send feedback',
      command: curl('v1/feedback', {
        feedback: [
          {
            eventId,
            eventType: 'card_payment',
            kind: 'label',
            value: 'fraud',
            source: 'analyst',
            saidAt: now.toISOString(),
          },
        ],
      }),
    },
    ...checkFile,
  ];
};
