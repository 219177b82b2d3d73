import { AwsError } from '../errors.ts';
import { callJson, invokeFunction, queueUrlOf } from '../inside.ts';
import { type Host, servicePrincipal } from '../resources.ts';
import type { Delivery, DeliveryLog } from './deliveries.ts';
import { inputFor } from './input.ts';
import type { Rule, Target } from './rules.ts';

/** Carries deliveries to their targets, with retries, until they are done or given up. */
export interface Dispatcher {
  start(): void;
  /** Looks again at what is due: something was added. */
  wake(): void;
  stop(): Promise<void>;
}

export interface DispatcherOptions {
  readonly host: Pick<Host, 'region' | 'accountId' | 'call' | 'notice' | 'endpoint'>;
  readonly log: DeliveryLog;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly now: () => number;
}

const AT_ONCE = 8;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 5 * 60_000;

/** Errors that the next attempt would meet again: the target is gone, or the event may not go there. */
const LASTING = ['AccessDenied', 'AccessDeniedException', 'ResourceNotFoundException', 'QueueDoesNotExist'];

export const createDispatcher = ({ host, log, rules, now }: DispatcherOptions): Dispatcher => {
  let running = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;

  const wake = (): void => {
    if (!running || round) return;
    clearTimeout(timer);
    const dueMs = log.nextDueMs();
    if (dueMs === undefined) return;
    timer = setTimeout(
      () => {
        round = deliverDue().finally(() => {
          round = undefined;
          wake();
        });
      },
      Math.min(Math.max(dueMs - now(), 0), LONGEST_WAIT_MS),
    );
  };

  const deliverDue = async (): Promise<void> => {
    await Promise.all(log.due(now(), AT_ONCE).map(attempt));
  };

  const attempt = async (delivery: Delivery): Promise<void> => {
    const rule = rules.get(delivery.ruleArn);
    const target = rule?.targets.find(({ Id }) => Id === delivery.targetId);
    // A rule that was taken away since takes its deliveries along.
    if (!rule || !target) return log.done(delivery.id);
    try {
      await send(host, rule, target.Arn, inputFor(target, delivery.event), target);
      log.done(delivery.id);
    } catch (error) {
      await failed(delivery, rule, target, error);
    }
  };

  const failed = async (delivery: Delivery, rule: Rule, target: Target, error: unknown): Promise<void> => {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = target.RetryPolicy;
    const tooOften = delivery.attempts >= MaximumRetryAttempts;
    const tooOld = now() - delivery.firstAtMs >= MaximumEventAgeInSeconds * 1000;
    if (!tooOften && !tooOld && !(error instanceof AwsError && LASTING.includes(error.code))) {
      log.postpone(delivery.id, now() + Math.min(FIRST_WAIT_MS * 2 ** delivery.attempts, LONGEST_WAIT_MS));
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    host.notice(`rule ${rule.arn} could not deliver to ${target.Arn}: ${reason}`);
    if (target.DeadLetterConfig) {
      await send(host, rule, target.DeadLetterConfig.Arn, JSON.stringify(delivery.event), {}).catch((cause) =>
        host.notice(`rule ${rule.arn} could not use its dead-letter queue: ${cause.message}`),
      );
    }
    log.done(delivery.id);
  };

  return {
    start() {
      running = true;
      wake();
    },
    wake,
    async stop() {
      running = false;
      clearTimeout(timer);
      await round;
    },
  };
};

const send = async (
  host: DispatcherOptions['host'],
  rule: Rule,
  arn: string,
  input: string,
  { SqsParameters }: Pick<Target, 'SqsParameters'>,
): Promise<void> => {
  const principal = servicePrincipal('events.amazonaws.com', rule.arn, host.accountId);
  if (arn.startsWith('arn:aws:lambda:')) {
    await invokeFunction(host, principal, arn, input, 'Event');
    return;
  }
  await callJson(host, principal, 'sqs', 'AmazonSQS.SendMessage', {
    QueueUrl: queueUrlOf(host, arn),
    MessageBody: input,
    ...(SqsParameters ? { MessageGroupId: SqsParameters.MessageGroupId } : {}),
  });
};
