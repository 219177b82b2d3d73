import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { isShifted, type StageConfig } from '../config.ts';
import { Administration } from '../constructs/administration.ts';
import { Canary } from '../constructs/canary.ts';
import { DeadLetters } from '../constructs/dead-letters.ts';
import { Feedback } from '../constructs/feedback.ts';
import { GradualRelease } from '../constructs/gradual-release.ts';
import { Ingestion } from '../constructs/ingestion.ts';
import { Lake } from '../constructs/lake.ts';
import { ModelEndpoint } from '../constructs/model-endpoints.ts';
import { Publishing } from '../constructs/publishing.ts';
import { Reconciler } from '../constructs/reconciler.ts';
import { Registrar } from '../constructs/registrar.ts';
import { Scoring } from '../constructs/scoring.ts';
import { ServiceApi } from '../constructs/service-api.ts';
import type { DataStack } from './data-stack.ts';

export interface ServiceStackProps extends StackProps {
  readonly stageName: string;
  readonly stage: StageConfig;
  readonly data: DataStack;
  /** Folder with one bundle per function. */
  readonly bundles: string;
  /** The compiled catalog. */
  readonly catalogFile: string;
  /** Folder that relative paths of the stage's configuration start from. */
  readonly root: string;
}

/** Everything that runs: functions, the API, the registrar and, where the stage asks, SageMaker endpoints. */
export class ServiceStack extends Stack {
  readonly ingestion: Ingestion;
  readonly scoring: Scoring;
  readonly feedback: Feedback;
  readonly deadLetters: DeadLetters;
  readonly registrar: Registrar;
  readonly administration: Administration;
  readonly serviceApi: ServiceApi;
  readonly canary: Canary;
  readonly reconciler: Reconciler;
  readonly lake: Lake;
  readonly publishing: Publishing;

  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props);
    const { stageName, stage, data, bundles } = props;
    const shared = { stageName, stage, data, bundles, logKey: data.logKey, tableKey: data.tableKey };
    const endpointNames = [
      ...stage.existingEndpoints,
      ...stage.endpoints.map(
        (endpoint) => new ModelEndpoint(this, `Endpoint-${endpoint.name}`, { endpoint, root: props.root }).endpointName,
      ),
    ];
    this.ingestion = new Ingestion(this, 'Ingestion', shared);
    this.scoring = new Scoring(this, 'Scoring', { ...shared, endpointNames });
    this.feedback = new Feedback(this, 'Feedback', shared);
    this.deadLetters = new DeadLetters(this, 'DeadLetters', shared);
    this.registrar = new Registrar(this, 'Registrar', { ...shared, catalogFile: props.catalogFile });
    this.administration = new Administration(this, 'Administration', shared);
    this.serviceApi = new ServiceApi(this, 'ServiceApi', {
      stageName,
      stage,
      logKey: data.logKey,
      ingestion: this.ingestion.api.function,
      scoring: this.scoring.api.function,
      feedback: this.feedback.api.function,
      administration: this.administration.api.function,
    });

    this.reconciler = new Reconciler(this, 'Reconciler', shared);
    this.canary = new Canary(this, 'Canary', { ...shared, api: this.serviceApi.api });

    this.lake = new Lake(this, 'Lake', shared);
    const collectArn = this.lake.collect.function.functionArn;
    this.publishing = new Publishing(this, 'Publishing', { ...shared, collectArn });

    if (isShifted(stage)) {
      const waitedFor = [this.ingestion.api, this.scoring.api, this.feedback.api];
      new GradualRelease(this, 'Release', { stageName, stage, api: this.serviceApi.api, waitedFor });
    }

    // What people and the command line need to find the system.
    new CfnOutput(this, 'ApiUrl', { value: this.serviceApi.api.url });
    new CfnOutput(this, 'InboxBucket', { value: data.inbox.bucketName });
    new CfnOutput(this, 'ResultBucket', { value: data.results.bucketName });
    new CfnOutput(this, 'ModelBucket', { value: data.models.bucketName });
    new CfnOutput(this, 'AuditBucket', { value: data.audit.bucketName });
    new CfnOutput(this, 'RegistryTable', { value: data.registryTable.tableName });
    new CfnOutput(this, 'QuarantineBucket', { value: data.quarantine.bucketName });
    new CfnOutput(this, 'EventTable', { value: data.eventTable.tableName });
    new CfnOutput(this, 'ProfileTable', { value: data.profileTable.tableName });
    new CfnOutput(this, 'FeedbackTable', { value: data.feedbackTable.tableName });
    new CfnOutput(this, 'FileTable', { value: data.fileTable.tableName });
    new CfnOutput(this, 'PeopleTable', { value: data.people.table.tableName });
    new CfnOutput(this, 'TokenSecret', { value: data.tokenSecret.secretArn });
    new CfnOutput(this, 'LakeBucket', { value: data.lake.bucketName });
    new CfnOutput(this, 'LakeCompactor', { value: this.lake.compact.live.functionArn });
    for (const [name, { queue }] of [
      ['Files', data.files],
      ['Chunks', data.chunks],
      ['Feedback', data.feedbackChunks],
      ['Pending', data.pending],
      ['Streams', data.streamRecords],
    ] as const) {
      new CfnOutput(this, `${name}Queue`, { value: queue.queueUrl });
    }
    new CfnOutput(this, 'EventBus', { value: this.publishing.bus.eventBusName });
  }
}
