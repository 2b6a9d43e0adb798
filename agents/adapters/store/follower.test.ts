import { eventually } from '../../../test/support/eventually.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { silentLogger } from '../../../test/support/silent.ts';
import { temporaryDirectory } from '../../../test/support/store-directory.ts';
import type { Feed } from './feed.ts';
import { nodeFileSystem } from './file-system.ts';
import { Follower } from './follower.ts';
import { thisProcess } from './process-identity.ts';
import { StateDirectory } from './state-directory.ts';

describe('Follower', () => {
  let dispose: () => Promise<void>;
  let follower: Follower;

  afterEach(async () => {
    await follower.stop();
    await dispose();
  });

  it('that is told of a hundred changes while a write is under way looks again once at a time', async () => {
    const temporary = await temporaryDirectory();
    dispose = temporary.dispose;
    const components = { clock: new FakeClock(), logger: silentLogger, fileSystem: nodeFileSystem };
    const directory = new StateDirectory({ ...components, process: thisProcess() }, temporary);
    const looks: number[] = [];
    const poll = () => {
      looks.push(performance.now());
      return true; // There is more, which is not done yet.
    };
    const feed = { kind: 'Deployment', poll, compare: () => undefined } as unknown as Feed;
    follower = new Follower({ ...components, directory }, { feed });
    follower.start();
    for (let change = 0; change < 100; change++) follower.look();
    expect(looks).toHaveLength(100);
    await eventually(() => expect(looks.length).toBeGreaterThan(110));
    // 5 ms lie between two of them, less what timers round off; a hundred timers would make it none.
    expect((looks[110] ?? 0) - (looks[100] ?? 0)).toBeGreaterThan(30);
    await follower.stop();
    const { length } = looks;
    follower.look();
    expect(looks).toHaveLength(length + 1);
  });
});
