import type { LogEntry, LogRequest, Preview, Session, SyncOptions } from '../../agents/peerctl/session.ts';
import type { ObjectKey } from '../../api/meta/object.ts';
import type { Applicable, Store } from '../../controllers/ports/store.ts';
import { readyStatus } from '../support/peerctl-statuses.ts';

/** Peers that do at once whatever is asked, unless a test says otherwise. */
export class FakeSession implements Session {
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  /** How often it was opened less how often it was closed. */
  isOpen = false;
  logLines: LogEntry[] = [];
  previews: Preview[] = [{ peer: 'alice', operation: 'created' }];
  readonly #store: () => Store | undefined;

  constructor(store: () => Store | undefined) {
    this.#store = store;
  }

  /** Why it cannot be opened. */
  refusal: Error | undefined;

  open(): Session {
    if (this.refusal) throw this.refusal;
    this.isOpen = true;
    return this;
  }

  async peerID(): Promise<string> {
    return '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE';
  }

  /** Makes one Deployment so; a test puts its own peers here. */
  reach = async (key: ObjectKey<'Deployment'>, _signal: AbortSignal): Promise<void> => {
    const store = this.#store();
    const deployment = await store?.get(key);
    if (!store || !deployment) return;
    if (deployment.metadata.deletionTimestamp) await store.patch(key, { metadata: { finalizers: null } });
    else await store.patchStatus(key, readyStatus(deployment));
  };

  async deliver(keys: readonly ObjectKey<'Deployment'>[], signal: AbortSignal): Promise<void> {
    this.calls.push(`deliver ${keys.map(({ name }) => name).join(',')}`);
    for (const key of keys) await this.reach(key, signal);
  }

  async preview({ metadata }: Applicable<'Deployment'>): Promise<Preview[]> {
    this.calls.push(`preview ${metadata.name}`);
    return this.previews;
  }

  ping = async (name: string, _signal: AbortSignal): Promise<{ milliseconds: number; address: string }> => {
    this.calls.push(`ping ${name}`);
    return { milliseconds: 8, address: '/ip4/127.0.0.1/tcp/9000' };
  };

  async *logs(request: LogRequest): AsyncGenerator<LogEntry> {
    this.calls.push(`logs ${JSON.stringify(request)}`);
    yield* this.logLines;
  }

  sync = async ({ watch }: SyncOptions, signal: AbortSignal): Promise<void> => {
    this.calls.push(`sync${watch ? ' --watch' : ''}`);
    const { items } = (await this.#store()?.list('Deployment')) ?? { items: [] };
    for (const { metadata } of items)
      await this.reach(
        { kind: 'Deployment', name: metadata.name, namespace: metadata.namespace ?? '' },
        signal,
      );
    if (watch && !signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  };

  async close(): Promise<void> {
    this.isOpen = false;
  }
}
