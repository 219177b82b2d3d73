import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';

import type { Acknowledgement } from '../../lib/compliance/acknowledgements.ts';
import { addGates } from '../../lib/compliance/gates.ts';
import { StageSchema } from '../../lib/config.ts';

/** What synthesis says of an app; empty if it passes. */
const fateOf = (build: (app: App) => void, acknowledgements: readonly Acknowledgement[] = []): string => {
  const outdir = mkdtempSync(join(tmpdir(), 'assay-gates-'));
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  try {
    const app = new App({ outdir, context, analyticsReporting: false });
    build(app);
    addGates(app, StageSchema.parse({}), acknowledgements);
    app.synth();
    return '';
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.replaceAll(outdir, 'cdk.out');
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

const bareBucket = (app: App): void => void new Bucket(new Stack(app, 'Data'), 'Open');
const acknowledge = (...rules: string[]): Acknowledgement[] => [{ rules, on: ['Data/Open'], reason: 'for this test' }];
const bareTopic = (app: App): void => void new Topic(new Stack(app, 'Data'), 'Open');
/** What is wrong with a topic that has nothing but a name, in full. */
const OF_A_TOPIC = ['AwsSolutions-SNS3', 'NIST.800.53.R5-SNSEncryptedKMS', 'PCI.DSS.321-SNSEncryptedKMS'];

// A process of its own, as the CDK loads faster here. Prints how synthesis ends for apps with faults.
process.stdout.write(
  JSON.stringify({
    bucket: fateOf(bareBucket),
    emptyStack: fateOf((app) => void new Stack(app, 'Nothing')),
    topic: fateOf(bareTopic),
    acknowledged: fateOf(bareTopic, acknowledge(...OF_A_TOPIC)),
    misspelt: fateOf(bareTopic, acknowledge('AwsSolutions-SNS33', ...OF_A_TOPIC.slice(1))),
    elsewhere: fateOf(
      bareTopic,
      acknowledge(...OF_A_TOPIC).map((one) => ({ ...one, on: ['Data/Opens'] })),
    ),
    notNow: fateOf(
      bareTopic,
      acknowledge(...OF_A_TOPIC).map((one) => ({ ...one, when: () => false })),
    ),
  }),
);
