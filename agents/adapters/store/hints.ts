import { watch as watchNatively } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import type { Kind } from '../../../api/kinds.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import { ensureDirectory } from './durable-file.ts';
import { isAbsent } from './file-errors.ts';
import type { FileSystem } from './file-system.ts';
import { later, loadAll } from './later.ts';
import { isEphemeral, type Layout } from './layout.ts';

export interface HintsComponents {
  fileSystem: FileSystem;
  logger: Logger;
}

export interface HintsInit {
  layout: Layout;
  kind: Kind;
  /** As in StateDirectoryInit. */
  editsAfterMilliseconds: number;
  /** A program begins or ends a write, of whatever kind. */
  onWrite(): void;
  /** A manifest of this kind may have changed, or come, or gone. */
  onEdit(path: string): void;
  /** From here on edits are noticed; or they never will be, and a look now and then has to do. */
  onReady(): void;
}

interface Watcher {
  close(): Promise<void> | void;
}

/** Tells of changes in a state directory, from the start until the stop. What it misses, a resync finds. */
export class Hints {
  readonly #components: HintsComponents;
  readonly #init: HintsInit;
  #writes: Watcher | undefined;
  /** Never rejects. */
  #edits: Promise<Watcher | undefined> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(components: HintsComponents, init: HintsInit) {
    this.#components = components;
    this.#init = init;
  }

  start(): void {
    this.#writes = this.#watchWrites();
    const begin = () => {
      this.#edits = this.#watchEdits();
    };
    this.#timer = setTimeout(begin, this.#init.editsAfterMilliseconds).unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#writes?.close();
    await (await this.#edits)?.close();
  }

  /**
   * Not by chokidar, which looks at every file of a directory when one changes, and holds back what follows within
   * 50 ms. Undefined while there is no such directory.
   */
  #watchWrites(): Watcher | undefined {
    const files = this.#written.map((path) => basename(path));
    try {
      const watcher = watchNatively(dirname(this.#init.layout.journal), (_, name) => {
        if (files.includes(name ?? '')) this.#init.onWrite();
      });
      return watcher.on('error', (error) => this.#failed(error));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async #watchEdits(): Promise<Watcher | undefined> {
    // A watch goes on: what it has not loaded by the next update may not be there any more.
    loadAll().catch((error) => this.#failed(error));
    try {
      const edited = await this.#edited();
      const { watch } = await later.chokidar();
      const isInside = (path: string) => edited.some((root) => path.startsWith(root + sep));
      const ignored = (path: string) => basename(path).startsWith('.') && isInside(path);
      const watcher = watch(this.#writes ? edited : [...edited, ...this.#written], {
        ignoreInitial: true,
        ignored,
      });
      watcher.on('all', (event, path) => this.#changed(event, path));
      return watcher.on('ready', this.#init.onReady).on('error', (error) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
      this.#init.onReady();
      return undefined;
    }
  }

  /** A write begins with a line in the journal, and is done when the lock is gone. */
  get #written(): string[] {
    const { journal, lock } = this.#init.layout;
    return [journal, lock];
  }

  async #edited(): Promise<string[]> {
    const { layout, kind } = this.#init;
    if (isEphemeral(kind)) return [];
    const manifests = layout.root('manifests', kind);
    // Where it is missing, chokidar watches the directory above it, in which every write of every kind leaves its
    // traces. That costs time only, so that one who may not write watches all the same.
    await ensureDirectory(this.#components.fileSystem, manifests).catch(() => undefined);
    return [manifests];
  }

  #changed(event: string, path: string): void {
    if (event.endsWith('Dir')) return;
    if (this.#written.includes(path)) this.#init.onWrite();
    else this.#init.onEdit(path);
  }

  #failed(error: unknown): void {
    this.#components.logger.warn('files are not watched as they should be', {
      kind: this.#init.kind,
      error: String(error),
    });
  }
}
