import { randomBytes } from 'node:crypto';
import { readJsonCall } from '../bodies.ts';
import { AwsError } from '../errors.ts';
import type { Host, Room } from '../resources.ts';
import type { AwsResponse, Need, PolicyDocument } from '../service.ts';
import { type EncryptionContext, keyIdIn, open, seal } from './ciphertext.ts';
import { type Key, openKeyRing } from './keys.ts';

/** Key Management Service: symmetric keys with their policies. */
export interface Kms extends Room {
  readonly keyNeed: Host['keyNeed'];
}

type Input = Readonly<Record<string, unknown>>;

const LARGEST_PLAINTEXT_BYTES = 4096;
const DATA_KEY_BYTES: Readonly<Record<string, number>> = { AES_128: 16, AES_256: 32 };

export const createKms = (host: Pick<Host, 'region' | 'accountId' | 'directoryOf'>): Kms => {
  const { region, accountId } = host;
  const ring = openKeyRing(host.directoryOf('kms'), host);
  const managedKeyPolicy = policyOfManagedKeys(accountId);

  const needOn = (key: Key, action: string, context: Readonly<Record<string, string>>): Need => ({
    action,
    resource: key.arn,
    resourcePolicy: key.policy,
    context,
  });

  const operations: Readonly<Record<string, Operation>> = {
    DescribeKey: {
      key: (input) => ring.find(textIn(input, 'KeyId')),
      answer: (key) => ({ KeyMetadata: metadataOf(key, accountId) }),
    },
    Encrypt: {
      key: (input) => ring.find(textIn(input, 'KeyId')),
      answer(key, input) {
        const plaintext = bytesIn(input, 'Plaintext');
        if (plaintext.length > LARGEST_PLAINTEXT_BYTES) {
          throw new AwsError('ValidationException', `Plaintext is larger than ${LARGEST_PLAINTEXT_BYTES} bytes`);
        }
        return { ...sealed(key, plaintext, input), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      },
    },
    Decrypt: {
      key(input) {
        const key = ring.find(keyIdIn(bytesIn(input, 'CiphertextBlob')));
        if (input.KeyId !== undefined && ring.find(textIn(input, 'KeyId')).id !== key.id) {
          throw new AwsError('IncorrectKeyException', 'The ciphertext was made under another key');
        }
        return key;
      },
      answer: (key, input) => ({
        KeyId: key.arn,
        Plaintext: open(bytesIn(input, 'CiphertextBlob'), key.secret, contextIn(input)).toString('base64'),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      }),
    },
    GenerateDataKey: {
      key: (input) => ring.find(textIn(input, 'KeyId')),
      answer(key, input) {
        const plaintext = newDataKey(input);
        return { ...sealed(key, plaintext, input), Plaintext: plaintext.toString('base64') };
      },
    },
    GenerateDataKeyWithoutPlaintext: {
      key: (input) => ring.find(textIn(input, 'KeyId')),
      answer: (key, input) => sealed(key, newDataKey(input), input),
    },
  };

  return {
    resources: ring.resources,

    keyNeed(keyId, action, viaService) {
      const context = { 'kms:ViaService': `${viaService}.${region}.amazonaws.com` };
      const alias = /(?:^|:)(alias\/aws\/.+)$/.exec(keyId)?.[1];
      if (alias === undefined) return needOn(ring.find(keyId), action, context);
      return {
        action,
        resource: `arn:aws:kms:${region}:${accountId}:${alias}`,
        resourcePolicy: managedKeyPolicy,
        context,
      };
    },

    service: {
      signingName: 'kms',
      protocol: 'json-1.1',
      async handle(request, authorise): Promise<AwsResponse> {
        const { operation, input } = await readJsonCall(request);
        const found = operations[operation];
        if (!found) throw new AwsError('UnknownOperationException', `kms:${operation} is not emulated`);
        const key = found.key(input);
        authorise(request.principal, [needOn(key, `kms:${operation}`, conditionKeys(input))]);
        if (!key.enabled && operation !== 'DescribeKey') {
          throw new AwsError('DisabledException', `${key.arn} is disabled.`);
        }
        return {
          status: 200,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: JSON.stringify(found.answer(key, input)),
        };
      },
      close: () => ring.close(),
    },
  };
};

interface Operation {
  /** The key that the call is about, found before it is known whether the caller may use it. */
  key(input: Input): Key;
  answer(key: Key, input: Input): unknown;
}

/** AWS's own keys serve every caller of the account; services that act on their own cannot use them. */
const policyOfManagedKeys = (accountId: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringEquals: { 'kms:CallerAccount': accountId } },
    },
  ],
});

const sealed = (key: Key, plaintext: Uint8Array, input: Input) => ({
  KeyId: key.arn,
  CiphertextBlob: seal(key.id, key.secret, plaintext, contextIn(input)).toString('base64'),
});

const newDataKey = ({ KeySpec, NumberOfBytes }: Input): Buffer => {
  const length = typeof NumberOfBytes === 'number' ? NumberOfBytes : DATA_KEY_BYTES[String(KeySpec)];
  if (length === undefined || length < 1 || length > 1024) {
    throw new AwsError('ValidationException', 'name a KeySpec (AES_128, AES_256) or a NumberOfBytes from 1 to 1024');
  }
  return randomBytes(length);
};

const metadataOf = (key: Key, accountId: string) => ({
  AWSAccountId: accountId,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: Date.parse(key.createdAt) / 1000,
  Enabled: key.enabled,
  KeyState: key.enabled ? 'Enabled' : 'Disabled',
  Description: key.description,
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeySpec: 'SYMMETRIC_DEFAULT',
  CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  KeyManager: 'CUSTOMER',
  Origin: 'AWS_KMS',
  MultiRegion: false,
});

const textIn = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new AwsError('ValidationException', `${name} is missing`);
};

const bytesIn = (input: Input, name: string): Buffer => Buffer.from(textIn(input, name), 'base64');

const contextIn = ({ EncryptionContext: context }: Input): EncryptionContext => (context ?? {}) as EncryptionContext;

const conditionKeys = (input: Input): Record<string, string> =>
  Object.fromEntries(Object.entries(contextIn(input)).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]));
