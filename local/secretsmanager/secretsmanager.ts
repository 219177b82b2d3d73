import { createHash } from 'node:crypto';
import { readJsonCall } from '../bodies.ts';
import { AwsError } from '../errors.ts';
import { checkProperties } from '../properties.ts';
import { generatedName, type Host, type ResourceProvider, type Room } from '../resources.ts';
import type { AwsResponse, Need, PolicyDocument } from '../service.ts';
import { generateSecret } from './generate.ts';
import { openSecretStore, type Secret, type SecretStore, type SecretVersion } from './store.ts';

type Input = Readonly<Record<string, unknown>>;

/** Secrets Manager: secrets of the templates, generated or given, with versions and stages. */
export const createSecretsManager = (host: Pick<Host, 'region' | 'accountId' | 'directoryOf' | 'keyNeed'>): Room => {
  const prefix = `arn:aws:secretsmanager:${host.region}:${host.accountId}:secret:`;
  const store = openSecretStore(host.directoryOf('secretsmanager'), prefix);
  const policies = new Map<string, PolicyDocument>();

  const needsOf = (secret: Secret, operation: string, keyActions: readonly string[], input: Input): Need[] => {
    const resourcePolicy = policies.get(secret.arn);
    const context = {
      'secretsmanager:SecretId': secret.arn,
      'secretsmanager:VersionStage': String(input.VersionStage ?? 'AWSCURRENT'),
    };
    const need = { action: `secretsmanager:${operation}`, resource: secret.arn, context };
    const { kmsKeyId } = secret;
    return [
      resourcePolicy ? { ...need, resourcePolicy } : need,
      ...(kmsKeyId ? keyActions.map((action) => host.keyNeed(kmsKeyId, action, 'secretsmanager')) : []),
    ];
  };

  const operations = operationsOn(store);
  return {
    resources: [
      secretProvider(store),
      {
        type: 'AWS::SecretsManager::ResourcePolicy',
        deploy(resource) {
          checkProperties(resource, ['SecretId', 'ResourcePolicy', 'BlockPublicPolicy']);
          const { arn } = store.find(String(resource.properties.SecretId));
          policies.set(arn, resource.properties.ResourcePolicy as PolicyDocument);
          return { physicalId: arn, attributes: { Id: arn } };
        },
        remove({ physicalId }) {
          policies.delete(physicalId);
        },
      },
    ],
    service: {
      signingName: 'secretsmanager',
      protocol: 'json-1.1',
      async handle(request, authorise): Promise<AwsResponse> {
        const { operation, input } = await readJsonCall(request);
        const found = operations[operation];
        if (!found) throw new AwsError('UnknownOperationException', `secretsmanager:${operation} is not emulated`);
        if (typeof input.SecretId !== 'string') throw new AwsError('InvalidParameterException', 'SecretId is missing');
        const secret = store.find(input.SecretId);
        authorise(request.principal, needsOf(secret, operation, found.keyActions, input));
        return {
          status: 200,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: JSON.stringify(found.answer(secret, input)),
        };
      },
      close: () => store.close(),
    },
  };
};

interface Operation {
  readonly keyActions: readonly string[];
  answer(secret: Secret, input: Input): unknown;
}

const operationsOn = (store: SecretStore): Readonly<Record<string, Operation>> => ({
  GetSecretValue: {
    keyActions: ['kms:Decrypt'],
    answer(secret, input) {
      const { id, text, binary, stages, createdAt } = versionIn(store.versions(secret), input);
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: id,
        SecretString: text,
        SecretBinary: binary,
        VersionStages: stages,
        CreatedDate: secondsOf(createdAt),
      };
    },
  },
  DescribeSecret: {
    keyActions: [],
    answer: (secret) => ({
      ARN: secret.arn,
      Name: secret.name,
      Description: secret.description,
      KmsKeyId: secret.kmsKeyId,
      CreatedDate: secondsOf(secret.createdAt),
      VersionIdsToStages: Object.fromEntries(
        store
          .versions(secret)
          .filter(({ stages }) => stages.length > 0)
          .map(({ id, stages }) => [id, stages]),
      ),
    }),
  },
  PutSecretValue: {
    keyActions: ['kms:GenerateDataKey', 'kms:Decrypt'],
    answer(secret, { SecretString, SecretBinary, ClientRequestToken, VersionStages }) {
      if ((typeof SecretString === 'string') === (typeof SecretBinary === 'string')) {
        throw new AwsError('InvalidParameterException', 'give a SecretString or a SecretBinary');
      }
      const { id, stages } = store.put(secret, {
        text: SecretString as string | undefined,
        binary: SecretBinary as string | undefined,
        ...(typeof ClientRequestToken === 'string' ? { id: ClientRequestToken } : {}),
        ...(Array.isArray(VersionStages) ? { stages: VersionStages.map(String) } : {}),
      });
      return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: stages };
    },
  },
});

const versionIn = (versions: readonly SecretVersion[], { VersionId, VersionStage }: Input): SecretVersion => {
  const stage = VersionStage ?? (VersionId === undefined ? 'AWSCURRENT' : undefined);
  const found = versions.find(
    ({ id, stages }) =>
      (VersionId === undefined || id === VersionId) && (stage === undefined || stages.includes(String(stage))),
  );
  if (found) return found;
  throw new AwsError(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret value for the given VersionId or VersionStage.",
  );
};

const secretProvider = (store: SecretStore): ResourceProvider => ({
  type: 'AWS::SecretsManager::Secret',
  deploy(resource) {
    checkProperties(resource, ['Description', 'GenerateSecretString', 'KmsKeyId', 'Name', 'SecretString']);
    const { Description, GenerateSecretString, KmsKeyId, Name, SecretString } = resource.properties;
    const secret = store.declare({
      name: String(Name ?? generatedName(resource, { maxLength: 200 })),
      description: String(Description ?? ''),
      kmsKeyId: KmsKeyId === undefined ? undefined : String(KmsKeyId),
    });
    if (typeof SecretString === 'string') {
      // The id comes from the value: the same template adds nothing, a changed one adds a version.
      store.put(secret, { id: versionIdOf(SecretString), text: SecretString, binary: undefined });
    } else if (GenerateSecretString !== undefined && store.versions(secret).length === 0) {
      store.put(secret, { text: generateSecret(GenerateSecretString as Input), binary: undefined });
    }
    return { physicalId: secret.arn, attributes: { Id: secret.arn } };
  },
});

const versionIdOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

const secondsOf = (instant: string): number => Date.parse(instant) / 1000;
