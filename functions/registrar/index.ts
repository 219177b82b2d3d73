import { AwsObjectStore } from '#adapters/aws-object-store.ts';
import { connectWriting } from './connect.ts';
import { RegistrarEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = RegistrarEnvironmentSchema.parse(process.env);
const { aws, ports } = connectWriting(environment);

export const handler = createHandler({
  ...ports,
  assets: new AwsObjectStore(aws.s3, environment.CATALOG_ASSET_BUCKET, aws.call, "the deployment's bucket"),
  assetKey: environment.CATALOG_ASSET_KEY,
});
