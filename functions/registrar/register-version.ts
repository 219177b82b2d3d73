import { catalogJson } from '#domain/catalog/catalog-json.ts';
import { sha256Hex } from '#domain/content-hash.ts';
import { ServiceError } from '#domain/errors.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { ObjectStore, RegisteredKind, RegisteredVersion, RegistryStore } from '#ports/registry-store.ts';
import type { DocumentForm } from './document-form.ts';

/** A catalog document that is to have a number. */
export interface Unregistered<Document> {
  readonly kind: RegisteredKind;
  readonly name: string;
  readonly document: Document;
  readonly form: DocumentForm<Document>;
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
  /** Who registers: `deployment`, or the principal of the API. */
  readonly writtenBy: string;
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
  { form, fileSha256 }: { readonly form: DocumentForm<Document>; readonly fileSha256?: string | undefined },
): string =>
  sha256Hex(
    catalogJson({ document: { ...form.contentOf(document), version: undefined, status: undefined }, fileSha256 }),
  );

const add = async <Document extends object>(
  unregistered: Unregistered<Document>,
  version: number,
  deadline: Deadline,
  { registry, objects, clock, writtenBy }: RegistrationPorts,
): Promise<{ readonly mine: Registered<Document>; readonly first: RegisteredVersion }> => {
  const { kind, name, document, fileSha256, form } = unregistered;
  const hash = contentHashOf(document, unregistered);
  const mine = { version, hash, document, ...(fileSha256 !== undefined && { fileSha256 }) };
  const { bytes, beside } = form.write(document);
  const documentSha256 = sha256Hex(bytes);
  const documentKey = objectKey(documentSha256);
  const besideSha256 = beside && sha256Hex(beside);
  if (beside && besideSha256) await objects.put(objectKey(besideSha256), beside, 'application/json', deadline);
  await objects.put(documentKey, bytes, 'application/json', deadline);
  const file = fileSha256 ?? besideSha256;
  const first = await registry.addVersion(
    {
      ...{ kind, name, version, hash, documentKey, documentSha256, writtenBy },
      ...(file !== undefined && { fileSha256: file }),
      registeredAt: new Date(clock.nowMs()).toISOString(),
    },
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
  unregistered: Unregistered<Document>,
  deadline: Deadline,
  { objects }: RegistrationPorts,
): Promise<{ readonly same: boolean; readonly registered: Registered<Document> }> => {
  const { version, hash } = standing;
  const { document, form, fileSha256 } = unregistered;
  const standingFile = fileSha256 === undefined ? undefined : standing.fileSha256;
  const file = standingFile === undefined ? {} : { fileSha256: standingFile };
  const wanted = contentHashOf(document, unregistered);
  if (hash === wanted)
    return { same: true, registered: { version, hash, document: { ...document, version }, ...file } };
  const onRecord = await readRegistered(standing, form, deadline, objects);
  const same = contentHashOf(onRecord, { form, fileSha256: standingFile }) === wanted;
  // What may change without another version, a detector's status, is the document's.
  return { same, registered: { version, hash, document: same ? { ...document, version } : onRecord, ...file } };
};

/** The document of a version on record. @throws {ServiceError} when its objects are lost. */
export const readRegistered = async <Document>(
  { documentKey, fileSha256 }: RegisteredVersion,
  form: DocumentForm<Document>,
  deadline: Deadline,
  objects: Pick<ObjectStore, 'get'>,
): Promise<Document> => {
  const read = async (key: string): Promise<Uint8Array> => {
    const bytes = await objects.get(key, deadline);
    if (!bytes) throw new ServiceError('catalog_unavailable', `the models bucket has lost '${key}'; restore it`);
    return bytes;
  };
  return form.read(await read(documentKey), fileSha256 === undefined ? undefined : () => read(objectKey(fileSha256)));
};
