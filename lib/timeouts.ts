import { Duration } from 'aws-cdk-lib';

/**
 * How long each function may run. Queues are visible again after six times this, so a short timeout is a quick retry;
 * reading a long file goes on in further invocations.
 */
export const TIMEOUTS = {
  ingestionFiles: Duration.seconds(180),
  ingestionApi: Duration.seconds(29),
  scoringApi: Duration.seconds(29),
  scoringQueue: Duration.seconds(30),
  scoringPending: Duration.seconds(30),
  feedbackApi: Duration.seconds(29),
  feedbackQueue: Duration.seconds(30),
  deadLetters: Duration.seconds(30),
  registrar: Duration.seconds(120),
  administration: Duration.seconds(29),
  canary: Duration.seconds(150),
  reconciler: Duration.seconds(180),
  publishingStream: Duration.seconds(60),
  publishingReplay: Duration.seconds(120),
  lakeCollect: Duration.seconds(60),
  lakeCompact: Duration.seconds(300),
} as const;
