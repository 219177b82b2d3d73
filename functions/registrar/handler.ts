import * as z from 'zod';

import { CatalogAssetSchema } from '#domain/catalog/asset.ts';
import { withSystemDocuments } from '#domain/catalog/system-documents.ts';
import { ServiceError } from '#domain/errors.ts';
import type { ObjectStore } from '#ports/registry-store.ts';
import { eventHandler } from '#runtime/event-handler.ts';
import { publishCatalog, type RegistrarPorts } from './publish-catalog.ts';

export interface RegistrarHandlerPorts extends Omit<RegistrarPorts, 'logger' | 'metrics'> {
  /** The bucket that deployments bring their catalog to. */
  readonly assets: Pick<ObjectStore, 'get'>;
  readonly assetKey: string;
}

/** Publishes the deployment's catalog, whatever asks for it: a report of CloudFormation, the schedule, an operator. */
export const createHandler = ({ assets, assetKey, ...ports }: RegistrarHandlerPorts) =>
  eventHandler({ name: 'registrar', event: z.unknown() }, async (_event, { deadline, logger, metrics }) => {
    const bytes = await assets.get(assetKey, deadline);
    if (!bytes) throw new ServiceError('catalog_unavailable', "the deployment's catalog is not there; deploy again");
    const asset = CatalogAssetSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return publishCatalog(withSystemDocuments(asset), deadline, { ...ports, logger, metrics });
  });
