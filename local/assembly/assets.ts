import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DeploymentError } from '../errors.ts';
import { textOf } from '../inside.ts';
import type { Asset, Host, ResourceProvider } from '../resources.ts';
import type { AssetSource } from './manifest.ts';

/** The assets of the assembly, kept in the data directory so that a new synthesis takes nothing from what runs. */
export interface AssetShelf {
  find(bucket: string, key: string): Asset | undefined;
  /** Copies what is not there yet. Content decides the name, so what is there is right. */
  store(sources: readonly AssetSource[], place: { accountId: string; region: string }): void;
  /** Puts the assets that are files into their bucket, where functions read them. */
  upload(host: Host, buckets: ResourceProvider): Promise<void>;
  /** Deletes what the last `store` did not name. */
  prune(): void;
}

/** @param directory - the folder of the shelf; it exists. */
export const createAssetShelf = (directory: string): AssetShelf => {
  const shelf = new Map<string, Asset & { bucket: string; key: string }>();
  return {
    find(bucket, key) {
      const found = shelf.get(`${bucket}/${key}`);
      return found && { path: found.path, packaging: found.packaging, hash: found.hash };
    },

    store(sources, place) {
      shelf.clear();
      for (const { hash, path: source, packaging, destinations } of sources) {
        const path = join(directory, hash);
        if (!existsSync(path)) {
          if (!existsSync(source)) throw new DeploymentError(`asset ${source} is missing; synthesize the app again`);
          const draft = `${path}.draft`;
          rmSync(draft, { recursive: true, force: true });
          cpSync(source, draft, { recursive: true, dereference: true });
          renameSync(draft, path);
        }
        for (const destination of destinations) {
          const bucket = inPlace(destination.bucket, place);
          const key = inPlace(destination.key, place);
          shelf.set(`${bucket}/${key}`, { path, packaging, hash, bucket, key });
        }
      }
    },

    async upload(host, buckets) {
      const files = [...shelf.values()].filter(({ packaging }) => packaging === 'file');
      for (const bucket of new Set(files.map((file) => file.bucket))) {
        await buckets.deploy({
          stackName: 'CDKToolkit',
          logicalId: 'StagingBucket',
          type: buckets.type,
          properties: { BucketName: bucket },
        });
      }
      for (const { bucket, key, path } of files) {
        const object = `/${bucket}/${encodeURIComponent(key)}`;
        const present = await host.call(host.developer, 's3', { method: 'HEAD', path: object });
        if (present.status < 300) continue;
        const body = readFileSync(path);
        const answer = await host.call(host.developer, 's3', {
          method: 'PUT',
          path: object,
          headers: {
            'content-length': String(body.length),
            'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
          },
          body,
        });
        if (answer.status >= 300) throw new DeploymentError(`asset ${key} was not stored: ${await textOf(answer)}`);
      }
    },

    prune() {
      const kept = new Set([...shelf.values()].map(({ hash }) => hash));
      mkdirSync(directory, { recursive: true });
      for (const name of readdirSync(directory)) {
        if (!kept.has(name)) rmSync(join(directory, name), { recursive: true, force: true });
      }
    },
  };
};

const inPlace = (text: string, { accountId, region }: { accountId: string; region: string }): string =>
  text
    .replaceAll(`\${AWS::AccountId}`, accountId)
    .replaceAll(`\${AWS::Region}`, region)
    .replaceAll(`\${AWS::Partition}`, 'aws');
