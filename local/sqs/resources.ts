import * as z from 'zod';
import { DeploymentError } from '../errors.ts';
import { readPolicy } from '../iam/policy.ts';
import { checkProperties } from '../properties.ts';
import { generatedName, type ResourceDeclaration, type ResourceProvider } from '../resources.ts';
import type { PolicyDocument } from '../service.ts';
import { FIFO_SETTINGS, type Queues, SettingsSchema } from './queue.ts';

const NAME = /^[A-Za-z0-9_-]{1,80}$|^(?=.{6,80}$)[A-Za-z0-9_-]+\.fifo$/;

/** Queues and their policies, from templates. */
export const createSqsResources = (queues: Queues): readonly ResourceProvider[] => [
  {
    type: 'AWS::SQS::Queue',
    deploy(resource) {
      checkProperties(resource, ['QueueName', 'FifoQueue', 'Tags', ...Object.keys(SettingsSchema.shape)]);
      const { QueueName, FifoQueue, Tags: _, ...given } = resource.properties;
      const fifo = FifoQueue === true || FifoQueue === 'true';
      const name = String(QueueName ?? generatedName(resource, { maxLength: 80, suffix: fifo ? '.fifo' : '' }));
      if (!NAME.test(name) || name.endsWith('.fifo') !== fifo) {
        throw new DeploymentError(
          'QueueName: use 1 to 80 letters, digits, - and _, with .fifo at the end of a FIFO queue',
        );
      }
      const strange = fifo ? undefined : FIFO_SETTINGS.find((setting) => given[setting] !== undefined);
      if (strange) throw new DeploymentError(`${strange} is for FIFO queues alone`);
      const parsed = SettingsSchema.safeParse(given);
      if (!parsed.success) throw new DeploymentError(z.prettifyError(parsed.error));

      checkDeadLetters(parsed.data.RedrivePolicy?.deadLetterTargetArn, fifo, queues);
      const { arn } = queues.declare(name, parsed.data);
      const url = queues.urlOf(name);
      return { physicalId: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
    },
  },
  {
    type: 'AWS::SQS::QueuePolicy',
    deploy(resource) {
      checkProperties(resource, ['PolicyDocument', 'Queues']);
      const policy = resource.properties.PolicyDocument as PolicyDocument;
      readPolicy(policy, 'PolicyDocument', 'resource');
      const names = queueNames(resource, queues);
      for (const name of names) queues.setPolicy(name, policy);
      return { physicalId: generatedName(resource, { maxLength: 80 }), attributes: { Queues: names.join(',') } };
    },
    remove({ attributes }) {
      for (const name of (attributes.Queues ?? '').split(',')) queues.setPolicy(name, undefined);
    },
  },
];

const checkDeadLetters = (arn: string | undefined, fifo: boolean, queues: Queues): void => {
  if (arn === undefined) return;
  const deadLetters = queues.findByArn(arn);
  if (!deadLetters) throw new DeploymentError('RedrivePolicy: deadLetterTargetArn names no queue of this account');
  if (deadLetters.fifo !== fifo) {
    throw new DeploymentError(
      'RedrivePolicy: the dead-letter queue of a FIFO queue is FIFO, that of a standard one is not',
    );
  }
};

const queueNames = ({ properties }: ResourceDeclaration, queues: Queues): string[] =>
  z
    .array(z.string())
    .parse(properties.Queues)
    .map((url) => {
      const name = queues.nameIn(url);
      if (name === undefined || !queues.find(name)) throw new DeploymentError('Queues: a URL names no queue');
      return name;
    });
