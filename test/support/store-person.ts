import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DirectoryStore } from '../../agents/adapters/store/directory-store.ts';
import { type Condition, findCondition } from '../../api/meta/condition.ts';
import type { Deployment } from '../../api/v1alpha1/types.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeLogger } from './fake-logger.ts';
import { temporaryDirectory } from './store-directory.ts';
import { webKey } from './store-objects.ts';

export const MANIFEST = `# the front door
apiVersion: peercompute.dev/v1alpha1
kind: Deployment
metadata: {name: web}
spec:
  placement: {peers: [alice]}
  replicas: 2
  template: {spec: {containers: [{name: web, image: "nginx:alpine"}]}}
`;

/** Somebody with an editor in a state directory that a Store keeps. */
export class Person {
  readonly directory: string;
  readonly logger = new FakeLogger();
  readonly store: DirectoryStore;
  /** Where the manifest of the Deployment web is. */
  readonly file: string;
  /** Removes the directory. */
  readonly leave: () => Promise<void>;

  private constructor(directory: string, leave: () => Promise<void>) {
    this.directory = directory;
    this.leave = leave;
    this.store = new DirectoryStore({ clock: new FakeClock(), logger: this.logger }, { directory });
    this.file = join(directory, 'manifests/deployments/default/web.yaml');
  }

  static async create(): Promise<Person> {
    const { directory, dispose } = await temporaryDirectory();
    return new Person(directory, dispose);
  }

  /** Writes a file, that of web by default, as if it had been some time ago: what is being written is not read yet. */
  write(text: string, path = this.file): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    const past = new Date(Date.now() - 1000);
    utimesSync(path, past, past);
  }

  edit(change: (text: string) => string): void {
    this.write(change(readFileSync(this.file, 'utf8')));
  }

  get(name = 'web'): Promise<Deployment | undefined> {
    return this.store.get(webKey(name));
  }

  /** What the status says of the manifest, if anything. */
  async parsed(): Promise<Condition | undefined> {
    return findCondition((await this.get())?.status?.conditions, 'Parsed');
  }
}
