import { API_VERSION, type Kind } from '../../../api/kinds.ts';
import type { ApiObject, Manifest, ObjectKey } from '../../../api/meta/object.ts';
import { Reason } from '../../../api/v1alpha1/reasons.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { FileStat, FileSystem } from './file-system.ts';
import { stampOf } from './manifest-commit.ts';
import { type ManifestFile, parseManifest, summarize } from './manifest-file.ts';
import { deleteObject, revise } from './mutations.ts';
import { newUID } from './new-uid.ts';
import type { ObjectFiles } from './object-files.ts';
import { type ObjectWriter, type Settled, type State, settled, type Write } from './object-writer.ts';
import { type Identity, isVersion, type Problem, type Stamp, type StatusRecord } from './records.ts';

export interface EditsComponents {
  fileSystem: FileSystem;
  clock: Clock;
  logger: Logger;
  files: ObjectFiles;
  writer: ObjectWriter;
}

/** The object to look at, and the nonce of the lock that is held. */
export type Target = Pick<Write, 'key' | 'lock'>;

/** A manifest as it is on disk. */
interface ManifestOnDisk {
  path: string;
  stat: FileStat;
}

/** A record that is no more: what happened to it, and the status that was left. */
export interface Remains {
  why: string | undefined;
  status: StatusRecord | undefined;
}

/** api/yaml refuses what is longer; more of it need not be read to say so. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024 + 1;

/**
 * More edits than anyone makes between two writes of a status that reach the disk: an object rebuilt from its status' copy
 * of its identity must not get a generation that its peers have seen with another spec.
 */
const GENERATIONS_SKIPPED = 1000;

/** Turns what a person did to a manifest into what a program would have asked for. Runs under the lock. */
export class Edits {
  readonly #components: EditsComponents;
  /** Invalid manifests without an object that were logged, by path. */
  readonly #reported = new Map<string, string>();

  constructor(components: EditsComponents) {
    this.#components = components;
  }

  /** The manifest of an object changed, or may have. */
  async absorb(target: Target, before: Settled, { path, stat }: ManifestOnDisk): Promise<State> {
    const { record } = before;
    const { stamp, file } = await this.#read(target.key, { path, stat }, record.manifest);
    if (!file) return this.#touch(target, before, stamp);
    const problem = file.ok ? undefined : await this.#invalid(file, record.problem);
    const object = file.ok ? edited(record.object, file.manifest) : record.object;
    if (object === record.object && problem?.message === record.problem?.message)
      return this.#touch(target, before, stamp);
    return this.#components.writer.put({ ...target, before }, { object, manifest: stamp, problem });
  }

  /** There is a manifest and no record: a new object, or what can be rebuilt of an old one. */
  async adopt(target: Target, { path, stat }: ManifestOnDisk, { why, status }: Remains): Promise<State> {
    const { stamp, file } = await this.#read(target.key, { path, stat });
    if (!file?.ok) return this.#report(path, stamp, file);
    const object = this.#create(target.key, file.manifest, status?.identity);
    const problem =
      why === undefined ? undefined : this.problem(Reason.Error, `${why}; rebuilt from ${path}`);
    const before: State = status ? settled({ object, statusRevision: 0 }, status) : { state: 'absent' };
    return this.#components.writer.put({ ...target, before }, { object, manifest: stamp, problem });
  }

  /** The manifest is not there: a delete, or an editor about to put a new one in place. */
  async miss(target: Target, path: string, before: Settled): Promise<State> {
    const { files, writer } = this.#components;
    const mutation = files.isRemoved(path)
      ? deleteObject(before.object, {}, { now: this.#now() })
      : undefined;
    if (!mutation) return before;
    await writer.commit({ ...target, before }, mutation);
    return mutation.operation === 'deleted' ? { state: 'absent' } : (files.read(target.key) as State);
  }

  problem(reason: string, message: string): Problem {
    return { reason, message, since: this.#now().toISOString() };
  }

  /** The file is another one, but says the same. */
  async #touch({ key }: Target, before: Settled, stamp: Stamp): Promise<State> {
    const { record, status } = before;
    if (isVersion(record.manifest, stamp)) return before;
    return settled(await this.#components.writer.writeRecord(key, { ...record, manifest: stamp }), status);
  }

  /** What a manifest says; no `file` when it is, byte for byte, the one known. */
  async #read(
    key: ObjectKey<Kind>,
    { path, stat }: ManifestOnDisk,
    known?: Stamp,
  ): Promise<{ stamp: Stamp; file?: ManifestFile }> {
    const text = this.#components.fileSystem.readBytes(path, 0, MAX_MANIFEST_BYTES).toString();
    const stamp = stampOf(stat, text);
    return stamp.checksum === known?.checksum
      ? { stamp }
      : { stamp, file: await parseManifest(text, path, key) };
  }

  async #invalid(file: ManifestFile & { ok: false }, before: Problem | undefined): Promise<Problem> {
    const problem = this.problem(Reason.InvalidManifest, await summarize(file.errors));
    return { ...problem, since: before?.since ?? problem.since };
  }

  /** An invalid manifest of no object has nowhere to be shown but the log. */
  async #report(path: string, stamp: Stamp, file: ManifestFile | undefined): Promise<State> {
    if (file && !file.ok && this.#reported.get(path) !== stamp.checksum) {
      this.#reported.set(path, stamp.checksum);
      this.#components.logger.warn('ignored an invalid manifest', { problem: await summarize(file.errors) });
    }
    return { state: 'absent', invalid: stamp };
  }

  #create(
    { kind, owner, namespace, name }: ObjectKey<Kind>,
    { metadata: { labels, annotations }, spec }: Manifest,
    identity: Identity | undefined,
  ): ApiObject {
    const born = { uid: newUID(), generation: 1, creationTimestamp: this.#now().toISOString() };
    const known = identity && { ...identity, generation: identity.generation + GENERATIONS_SKIPPED };
    const metadata = { name, namespace, labels, annotations, owner, resourceVersion: '', ...(known ?? born) };
    return { apiVersion: API_VERSION, kind, metadata, spec };
  }

  #now(): Date {
    return new Date(this.#components.clock.now());
  }
}

/** The same object when the manifest says nothing new. */
function edited(object: ApiObject, { metadata: { labels, annotations }, spec }: Manifest): ApiObject {
  return revise(object, { metadata: { ...object.metadata, labels, annotations }, spec }).object;
}
