import type { Kind } from '../../../api/kinds.ts';
import { canonicalHash } from '../../../api/meta/canonical.ts';
import { isObject, type MergePatch } from '../../../api/meta/merge-patch.ts';
import { keyOf, type ObjectKey } from '../../../api/meta/object.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import { exposeHash } from '../../../api/protocol/expose-hash.ts';
import { LIST_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import type { BodyOf, ResponseBody, ResponseOf, StoreVerb } from '../../../api/protocol/messages.ts';
import { checkShown, sizeOf } from '../../../api/protocol/shown.ts';
import type { ObjectOf } from '../../../api/v1alpha1/types.ts';
import type {
  Applicable,
  Applied,
  DeleteOptions,
  List,
  ListOptions,
  PatchOptions,
  Store,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../../../controllers/ports/store.ts';
import type { ClientComponents, Question } from './client-stream.ts';
import { incompatible, peerLost } from './errors.ts';
import { receive } from './published.ts';
import { remoteWatch } from './remote-watch.ts';
import { RequestClient } from './request-client.ts';

/**
 * A peer's Store as it shows it to us: our own objects, without an owner. What we write there we sign,
 * so an apply needs uid and generation of the object, and a patch base and result of its spec as well.
 */
export class RemoteStore implements Store {
  readonly #components: ClientComponents;
  readonly #peerID: string;
  readonly #client: RequestClient;

  constructor(components: ClientComponents, { peerID }: { peerID: string }) {
    this.#components = components;
    this.#peerID = peerID;
    this.#client = new RequestClient(components, { peerID });
  }

  async get<K extends Kind>(key: ObjectKey<K>): Promise<ObjectOf<K> | undefined> {
    const { object } = await this.#ask('object', { verb: 'get', ...own(key) }, {});
    return object && receive(object, this.#peerID, own(key));
  }

  /** Its version is that of the first page, so that a watch from there misses nothing that moved meanwhile. */
  async list<K extends Kind>(kind: K, options: ListOptions = {}): Promise<List<K>> {
    const items: ObjectOf<K>[] = [];
    let resourceVersion: string | undefined;
    for await (const page of this.#pages(kind, options)) {
      resourceVersion ??= page.resourceVersion;
      const { namespace } = options;
      items.push(...page.items.map((item) => receive(item, this.#peerID, { kind, namespace })));
    }
    return { items, resourceVersion: resourceVersion ?? '' };
  }

  async *watch<K extends Kind>(kind: K, options: WatchOptions): AsyncIterable<WatchEvent<K>> {
    ownOnly(options);
    yield* remoteWatch(this.#components, this.#peerID, kind, options);
  }

  async apply<K extends Kind>(object: Applicable<K>, options: WriteOptions = {}): Promise<Applied<K>> {
    const { uid, generation, labels, annotations } = object.metadata;
    const key = own(keyOf(object));
    const hashes = { result: canonicalHash(object.spec), expose: exposeHash(object.spec) };
    const claims = { ...signed({ uid, generation }), ...hashes, ...trial(options) };
    const body = {
      metadata: { labels, annotations },
      spec: object.spec,
      resourceVersion: options.resourceVersion,
    };
    const applied = await this.#ask('object', { verb: 'apply', ...key, ...claims }, body);
    if (!applied.object || !applied.operation)
      throw incompatible(this.#peerID, 'an apply without its outcome');
    return { object: receive(applied.object, this.#peerID, key), operation: applied.operation };
  }

  /** Only the spec: labels and annotations travel with an apply. */
  async patch<K extends Kind>(
    key: ObjectKey<K>,
    patch: MergePatch,
    options: PatchOptions = {},
  ): Promise<ObjectOf<K>> {
    const { uid, generation, base, result, expose, resourceVersion } = options;
    const claims = { ...signed({ uid, generation, base, result }), expose, ...trial(options) };
    const body = { patch: specPatch(patch), resourceVersion };
    const { object } = await this.#ask('object', { verb: 'patch', ...own(key), ...claims }, body);
    if (!object) throw incompatible(this.#peerID, 'a patch without its outcome');
    return receive(object, this.#peerID, own(key));
  }

  patchStatus(): Promise<never> {
    return Promise.reject(
      new StatusError('Forbidden', 'the status of an object is written by the peer that runs it'),
    );
  }

  async delete<K extends Kind>(
    key: ObjectKey<K>,
    options: DeleteOptions = {},
  ): Promise<ObjectOf<K> | undefined> {
    const { uid, gracePeriodSeconds, resourceVersion } = options;
    const question = { verb: 'delete', ...own(key), uid, ...trial(options) } as const;
    const { object } = await this.#ask('object', question, { gracePeriodSeconds, resourceVersion });
    return object && receive(object, this.#peerID, own(key));
  }

  async *#pages(kind: Kind, options: ListOptions): AsyncIterable<ResponseOf<'list'>> {
    ownOnly(options);
    const selector = options.selector && [...options.selector];
    const question = { verb: 'list', kind, namespace: options.namespace } as const;
    const { clock } = this.#components;
    const until = clock.now() + LIST_TIMEOUT_MS;
    const shown = { objects: 0, bytes: 0 };
    let page: ResponseOf<'list'> | undefined;
    while (!page || page.continue) {
      if (clock.now() > until)
        throw peerLost(this.#peerID, `a list took longer than ${LIST_TIMEOUT_MS / 60_000} min`);
      page = await this.#ask('list', question, { selector, continue: page?.continue });
      shown.objects += page.items.length;
      shown.bytes += sizeOf(page.items);
      checkShown(this.#peerID, kind, shown);
      if (page.continue && page.items.length === 0) throw incompatible(this.#peerID, 'a list without end');
      yield page;
    }
  }

  async #ask<V extends StoreVerb, T extends ResponseBody['type']>(
    type: T,
    question: Question<V>,
    body: BodyOf<V>,
  ): Promise<ResponseOf<T>> {
    const answer = await this.#client.ask(question as Question, body);
    if (answer.type === type) return answer as ResponseOf<T>;
    throw incompatible(this.#peerID, `an answer of type ${answer.type} where ${type} was asked for`);
  }
}

/** A peer knows us by the connection: a key names what is ours there. */
function own<K extends Kind>(key: ObjectKey<K>): ObjectKey<K> {
  ownOnly(key);
  const { kind, namespace, name } = key;
  return { kind, name, ...(namespace !== undefined && { namespace }) };
}

function ownOnly({ owner }: { owner?: string }): void {
  if (owner) throw new StatusError('Forbidden', `a peer shows us our own objects, not those of ${owner}`);
}

/** Members of a signature, none of which may be missing. */
function signed<T extends object>(members: T): { [M in keyof T]-?: NonNullable<T[M]> } {
  for (const [name, value] of Object.entries(members))
    if (value === undefined)
      throw new StatusError('Invalid', `a write to a peer must say ${name}: it is part of what is signed`, {
        field: name,
      });
  return members as { [M in keyof T]-?: NonNullable<T[M]> };
}

function trial({ dryRun }: WriteOptions): { dryRun?: true } {
  return dryRun ? { dryRun } : {};
}

function specPatch(patch: MergePatch): Record<string, unknown> {
  if (isObject(patch) && isObject(patch.spec) && Object.keys(patch).length === 1) return patch.spec;
  throw new StatusError(
    'Invalid',
    'on a peer only the spec can be patched; apply the whole object to change more',
  );
}
