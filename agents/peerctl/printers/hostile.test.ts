import type { Store } from '../../../controllers/ports/store.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';
import { putDeployment } from '../../../test/support/peerctl-deployments.ts';
import { condition } from '../../../test/support/peerctl-statuses.ts';
import { visible } from './escape.ts';

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
});
afterEach(() => machine.close());

describe('a hostile status', () => {
  it('is shown, not obeyed', async () => {
    const key = await putDeployment(store, 'web', { state: 'new' });
    const evil = '\x1b[2Jfine\u202e\n deployment/fake Ready';
    await store.patchStatus(key, {
      observedGeneration: 1,
      conditions: [condition('Ready', 'False', evil, evil)],
      url: 'http://x/\x07',
    } as never);
    machine.isTerminal = true;
    machine.env.NO_COLOR = '1';
    for (const args of [
      ['get', 'deploy'],
      ['describe', 'web'],
      ['status', 'web'],
      ['get', 'web', '-o', 'yaml'],
      ['get', 'web', '-o', 'json'],
    ]) {
      const { stdout } = await machine.run(...args);
      expect(stdout).toBe(visible(stdout));
    }
    const { stdout } = await machine.run('get', 'deploy', '--no-headers');
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stdout).toContain('\\e[2Jfine\\u202e\\n deployment/fake Ready');
  });
});
