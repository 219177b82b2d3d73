import * as z from 'zod';
import { checkProperties, parseProperties } from '../properties.ts';
import { generatedName, type ResourceDeclaration } from '../resources.ts';
import { LATEST } from './names.ts';

/** What the template says of a function, as far as one machine can honour it. */
export interface FunctionDefinition {
  readonly name: string;
  /** With the version or the alias behind it, if it is one. */
  readonly arn: string;
  /** `$LATEST`, or the number of a version. */
  readonly version: string;
  readonly code: { readonly bucket: string; readonly key: string };
  /** `<file>.<export>`, the file without its extension. */
  readonly handler: string;
  readonly roleArn: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: string;
  readonly traced: boolean;
  readonly description: string;
  /** Invocations at once that the function has for itself, and at most. */
  readonly reservedConcurrency: number | undefined;
}

/** Names that Lambda sets itself and refuses in a function's own environment. */
const RESERVED_VARIABLES = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);
const LARGEST_ENVIRONMENT_BYTES = 4096;

const VariablesSchema = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]+$/, 'use letters, digits and _, a letter first'), z.coerce.string())
  .superRefine((variables, context) => {
    const reserved = Object.keys(variables).find((name) => RESERVED_VARIABLES.has(name));
    if (reserved) context.addIssue({ code: 'custom', message: `${reserved} is set by Lambda; choose another name` });
    if (Buffer.byteLength(JSON.stringify(variables)) > LARGEST_ENVIRONMENT_BYTES) {
      context.addIssue({ code: 'custom', message: `is larger than ${LARGEST_ENVIRONMENT_BYTES} bytes` });
    }
  });

const PropertiesSchema = z.object({
  FunctionName: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  Description: z.string().default(''),
  Runtime: z.literal('nodejs24.x', 'must be nodejs24.x: environments run on the Node of this process'),
  PackageType: z.literal('Zip', 'must be Zip: images are not emulated').optional(),
  Handler: z.string().regex(/^[^\s]{1,128}$/),
  Role: z.string().startsWith('arn:'),
  Code: z.object({ S3Bucket: z.string(), S3Key: z.string() }),
  Timeout: z.coerce.number().int().min(1).max(900).default(3),
  MemorySize: z.coerce.number().int().min(128).max(10_240).default(128),
  Environment: z.strictObject({ Variables: VariablesSchema.default({}) }).default({ Variables: {} }),
  LoggingConfig: z
    .strictObject({
      LogGroup: z.string().optional(),
      LogFormat: z.literal('Text', 'must be Text: JSON is left to the function').optional(),
    })
    .default({}),
  TracingConfig: z.object({ Mode: z.enum(['Active', 'PassThrough']) }).default({ Mode: 'PassThrough' }),
  ReservedConcurrentExecutions: z.coerce.number().int().min(0).max(10_000).optional(),
});

/** Properties that change nothing about what a function does on one machine. */
const WITHOUT_EFFECT = ['Architectures', 'EphemeralStorage', 'RecursiveLoop', 'RuntimeManagementConfig', 'Tags'];

/**
 * Reads the properties of an `AWS::Lambda::Function`.
 *
 * @throws {DeploymentError} naming the property that cannot be honoured.
 */
export const readFunction = (
  resource: ResourceDeclaration,
  { region, accountId }: { region: string; accountId: string },
): FunctionDefinition => {
  checkProperties(resource, [...Object.keys(PropertiesSchema.shape), ...WITHOUT_EFFECT]);
  const properties = parseProperties(PropertiesSchema, resource);
  const name = properties.FunctionName ?? generatedName(resource, { maxLength: 64 });
  return {
    name,
    arn: `arn:aws:lambda:${region}:${accountId}:function:${name}`,
    version: LATEST,
    code: { bucket: properties.Code.S3Bucket, key: properties.Code.S3Key },
    handler: properties.Handler,
    roleArn: properties.Role,
    timeoutSeconds: properties.Timeout,
    memoryMb: properties.MemorySize,
    variables: properties.Environment.Variables,
    logGroup: properties.LoggingConfig.LogGroup ?? `/aws/lambda/${name}`,
    traced: properties.TracingConfig.Mode === 'Active',
    description: properties.Description,
    reservedConcurrency: properties.ReservedConcurrentExecutions,
  };
};
