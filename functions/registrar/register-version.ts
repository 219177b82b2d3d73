import type * as z from 'zod';

import { catalogJson } from '#domain/catalog/catalog-json.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { ObjectStore, RegisteredKind, RegisteredVersion, RegistryStore } from '#ports/registry-store.ts';

/** A catalog document that is to have a number. */
export interface Unregistered<Document> {
  readonly kind: RegisteredKind;
  readonly name: string;
  readonly document: Document;
  readonly schema: z.ZodType<Document>;
  /** The part of the document that makes another version. @default all of it */
  readonly contentOf?: (document: Document) => object;
  /** SHA-256 of what the document names besides, a model's file; part of what makes another version. */
  readonly fileSha256?: string;
}

/** A numbered document. */
export interface Registered<Document> {
  readonly version: number;
  readonly hash: string;
  readonly document: Document;
  /** Of a model: SHA-256 of its file. */
  readonly fileSha256?: string;
}

export interface Registration<Document> {
  /** `added` now; `known` already; `refused` because the version is there with other content, which stands. */
  readonly outcome: 'added' | 'known' | 'refused';
  readonly registered: Registered<Document>;
}

export interface RegistrationPorts {
  readonly registry: RegistryStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
}

/** Registration of the same document elsewhere at the same time is met with another try, so many times. */
const MAX_TRIES = 5;

/**
 * Gives a document its number: the one that it names, or the next one when its content has changed.
 *
 * A version that is there with the same content is that version, whoever registered it and when. The document's bytes
 * are stored before the version is, so a version on record always has its document.
 */
export const registerVersion = async <Document extends { readonly version?: number | undefined }>(
  unregistered: Unregistered<Document>,
  deadline: Deadline,
  ports: RegistrationPorts,
): Promise<Registration<Document>> => {
  const { kind, name, document } = unregistered;
  for (let attempt = 1; ; attempt++) {
    const versions = await ports.registry.versions(kind, name, deadline);
    const standing =
      document.version === undefined ? versions.at(-1) : versions.find(({ version }) => version === document.version);
    const known = standing && (await compare(standing, unregistered, deadline, ports));
    if (known?.same) return { outcome: 'known', registered: known.registered };
    if (known && document.version !== undefined) return { outcome: 'refused', registered: known.registered };
    const version = document.version ?? (standing?.version ?? 0) + 1;
    const { mine, first } = await add(
      { ...unregistered, document: { ...document, version } },
      version,
      deadline,
      ports,
    );
    if (first.hash === mine.hash) return { outcome: 'added', registered: mine };
    // Another registration took the number: it is looked at afresh.
    if (attempt === MAX_TRIES)
      throw new ServiceError('conflict', `${kind} '${name}' is being registered elsewhere, too`);
  }
};

/** Key of an object that is named by its content. */
export const objectKey = (sha256: string): string => `objects/${sha256}`;

/** What makes another version. A detector may go from standby to active and stay the same version. */
const contentHashOf = <Document extends object>(
  document: Document,
  fileSha256: string | undefined,
  contentOf: (document: Document) => object = (whole) => whole,
): string =>
  sha256Hex(catalogJson({ document: { ...contentOf(document), version: undefined, status: undefined }, fileSha256 }));

const add = async <Document extends object>(
  { kind, name, document, fileSha256, contentOf }: Unregistered<Document>,
  version: number,
  deadline: Deadline,
  { registry, objects, clock }: RegistrationPorts,
): Promise<{ readonly mine: Registered<Document>; readonly first: RegisteredVersion }> => {
  const file = fileSha256 === undefined ? {} : { fileSha256 };
  const mine = { version, hash: contentHashOf(document, fileSha256, contentOf), document, ...file };
  const bytes = Buffer.from(catalogJson(document));
  const documentSha256 = sha256Hex(bytes);
  const documentKey = objectKey(documentSha256);
  await objects.put(documentKey, bytes, 'application/json', deadline);
  const registeredAt = new Date(clock.nowMs()).toISOString();
  const { hash } = mine;
  const first = await registry.addVersion(
    { kind, name, version, hash, documentKey, documentSha256, ...file, registeredAt },
    deadline,
  );
  return { mine, first };
};

/**
 * Whether the version on record has the content of the document. Where their hashes differ, the document on record is
 * read as this release reads documents: a default that came later makes no other content.
 */
const compare = async <Document extends object>(
  standing: RegisteredVersion,
  { document, schema, fileSha256, contentOf }: Unregistered<Document>,
  deadline: Deadline,
  { objects }: RegistrationPorts,
): Promise<{ readonly same: boolean; readonly registered: Registered<Document> }> => {
  const { version, hash, documentKey } = standing;
  const file = standing.fileSha256 === undefined ? {} : { fileSha256: standing.fileSha256 };
  const wanted = contentHashOf(document, fileSha256, contentOf);
  if (hash === wanted)
    return { same: true, registered: { version, hash, document: { ...document, version }, ...file } };
  const bytes = await objects.get(documentKey, deadline);
  if (!bytes) throw new ServiceError('catalog_unavailable', `the models bucket has lost '${documentKey}'; restore it`);
  const onRecord = schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  const same = contentHashOf(onRecord, standing.fileSha256, contentOf) === wanted;
  // What may change without another version, a detector's status, is the document's.
  return { same, registered: { version, hash, document: same ? { ...document, version } : onRecord, ...file } };
};
