import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { temporaryDirectory } from '../../../test/support/store-directory.ts';
import { failure } from '../../../test/support/store-simulated-disk.ts';
import { encodeChecked } from './checked-json.ts';
import { FileLock, type Held, type Holder } from './file-lock.ts';
import { nodeFileSystem } from './file-system.ts';
import { acquireLease } from './lease.ts';
import { isCertainlyDead, thisProcess } from './process-identity.ts';

/** No process has this pid: Linux' largest is 2^22. */
const NO_PID = 2 ** 22 + 1;

describe('FileLock', () => {
  let directory: string;
  let path: string;
  let dispose: () => Promise<void>;

  beforeEach(async () => {
    ({ directory, dispose } = await temporaryDirectory());
    mkdirSync(directory);
    path = join(directory, 'lock');
  });

  afterEach(() => dispose());

  const newLock = (timeoutMilliseconds = 10_000, fileSystem = nodeFileSystem) =>
    new FileLock({ fileSystem, process: thisProcess() }, { path, timeoutMilliseconds });
  const isHeld = (outcome: Held | Holder): outcome is Held => 'release' in outcome;
  const leave = (holder: Partial<Holder>) =>
    writeFileSync(path, encodeChecked({ ...thisProcess(), nonce: 'left', ...holder }));

  it('is held by one at a time, and says by whom', async () => {
    const held = await newLock().acquire();
    expect(newLock().tryAcquire()).toMatchObject({
      pid: process.pid,
      hostname: hostname(),
      nonce: held.nonce,
    });
    held.release();
    expect(isHeld(newLock().tryAcquire())).toBe(true);
  });

  it('knows of its own lock without looking, and of another only by its file', async () => {
    const lock = newLock();
    const held = await lock.acquire();
    expect([lock.isHeldHere, lock.isHeldWith(held.nonce), lock.isHeldWith('other')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([newLock().isHeldHere, newLock().isHeldWith(held.nonce)]).toEqual([false, true]);
    rmSync(path); // By hand: it is still at work.
    expect([lock.isHeldWith(held.nonce), newLock().isHeldWith(held.nonce)]).toEqual([true, false]);
    held.release();
    expect([lock.isHeldHere, lock.isHeldWith(held.nonce)]).toEqual([false, false]);
  });

  it('leaves nothing behind', async () => {
    for (let round = 0; round < 3; round++) (await newLock().acquire()).release();
    leave({ pid: NO_PID });
    (await newLock().acquire()).release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('lets many wait, and lets in one after the other', async () => {
    let [inside, most, turns] = [0, 0, 0];
    const visit = async () => {
      const held = await newLock().acquire();
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
      inside -= 1;
      held.release();
    };
    await Promise.all(Array.from({ length: 20 }, visit));
    expect({ most, turns }).toEqual({ most: 1, turns: 20 });
  });

  it('gives up in time, naming the holder and what to do', async () => {
    await newLock().acquire();
    await expect(newLock(20).acquire()).rejects.toMatchObject({
      reason: 'Timeout',
      message: `${path} is held by process ${process.pid} on ${hostname()}; if no such process runs any more, remove the file`,
    });
  });

  it.each<[string, Partial<Holder>]>([
    ['a process that is gone', { pid: NO_PID }],
    ['an earlier process of the same pid', { startTime: '1' }],
    ['an earlier boot of this machine', { bootID: 'an earlier one' }],
  ])('takes over from %s', (_, holder) => {
    leave(holder);
    expect(isHeld(newLock().tryAcquire())).toBe(true);
  });

  it.each<[string, Partial<Holder>]>([
    ['another machine', { hostname: 'elsewhere', bootID: 'another', pid: NO_PID }],
    ['another pid namespace', { pidNamespace: 'pid:[1]', pid: NO_PID }],
    ['a living process', {}],
  ])('does not take over from %s', (_, holder) => {
    leave(holder);
    expect(newLock().tryAcquire()).toMatchObject({ nonce: 'left' });
  });

  it('takes over what only a power loss can have left: a file without its content', () => {
    writeFileSync(path, '');
    expect(isHeld(newLock().tryAcquire())).toBe(true);
  });

  it('lets one of many take over from the dead', async () => {
    leave({ pid: NO_PID });
    const outcomes = Array.from({ length: 10 }, () => newLock().tryAcquire());
    expect(outcomes.filter(isHeld)).toHaveLength(1);
  });

  it('does not take over what another has taken over meanwhile', () => {
    leave({ pid: NO_PID, nonce: 'dead' });
    const rival = newLock();
    const slow = {
      ...nodeFileSystem,
      /** The rival is quicker, between our look and our taking it. */
      link: (from: string, to: string) => {
        if (to.includes('takeover-')) slow.link = nodeFileSystem.link;
        if (to.includes('takeover-') && !isHeld(rival.tryAcquire())) throw new Error('the rival got nothing');
        nodeFileSystem.link(from, to);
      },
    };
    expect(isHeld(newLock(0, slow).tryAcquire())).toBe(false);
  });

  it('counts as free when its file could not be removed', () => {
    const stubborn = { ...nodeFileSystem };
    const lock = newLock(0, stubborn);
    const held = lock.tryAcquire();
    stubborn.unlink = () => {
      throw failure('EIO', 'unlink', path);
    };
    if (isHeld(held)) held.release();
    expect(existsSync(path)).toBe(true);
    stubborn.unlink = nodeFileSystem.unlink;
    expect(isHeld(lock.tryAcquire())).toBe(true);
  });
});

describe('acquireLease', () => {
  it('is given to one, until that one releases it', async () => {
    const { directory, dispose } = await temporaryDirectory();
    const path = join(directory, 'sync.lease');
    const first = await acquireLease(path);
    expect(await acquireLease(path)).toMatchObject({ holder: { pid: process.pid } });
    if ('release' in first) first.release();
    const second = await acquireLease(path);
    expect(second).toHaveProperty('release');
    if ('release' in second) second.release();
    expect(process.listenerCount('exit')).toBeLessThan(10);
    await dispose();
  });
});

describe('isCertainlyDead', () => {
  it('knows this process to be alive', () => {
    expect(isCertainlyDead(thisProcess(), thisProcess())).toBe(false);
  });
});
