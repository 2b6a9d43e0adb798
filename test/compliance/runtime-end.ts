import { Reason } from '../../api/v1alpha1/reasons.ts';
import { eventually, until } from '../support/eventually.ts';
import { PATIENCE, type RuntimeContext } from './runtime-context.ts';

/** Containers that end, by themselves or because someone wants it. */
export function describeEnd(on: RuntimeContext): void {
  describe('a process that ends', () => {
    test('leaves its exit code and times', async () => {
      const ended = await on.exited(await on.start('exitsWith3'));
      expect(ended).toMatchObject({ exitCode: 3, oomKilled: false, drifted: false });
      expect(ended.error).toBeUndefined();
      expect(ended.finishedAt).toBeGreaterThanOrEqual(ended.startedAt ?? Number.NaN);
    });

    test('is told apart when memory ended it', async () => {
      // A busy Docker 20.10 does not hear of one such end in ten.
      const told = await until(async () => {
        const ended = await on.exited(await on.start('outgrowsMemory'));
        return ended.oomKilled ? ended : undefined;
      }, PATIENCE);
      expect(told.exitCode).toBe(137);
    });

    test('that never began is Exited and says why', async () => {
      const wanted = await on.request('cannotStart');
      // Whether the runtime notices at once is its own affair.
      await on.runtime.run(wanted, on.signal).catch((error: unknown) => {
        expect(error).toMatchObject({ reason: Reason.StartFailed });
      });
      const ended = await on.exited((await on.only(wanted)).name);
      expect(ended.error).toMatch(/./);
      expect(ended.exitCode).not.toBe(0);
      expect(ended.finishedAt).toBeGreaterThan(0);
    });
  });

  describe('stop', () => {
    test('ends the process and keeps the container', async () => {
      const name = await on.start('sleeps');
      await on.runtime.stop(name, 10);
      expect(await on.named(name)).toMatchObject({ state: 'Exited', drifted: false });
    });

    test('kills what has not ended after the grace period', async () => {
      const name = await on.start('ignoresTerm');
      await on.runtime.stop(name, 1);
      expect(await on.named(name)).toMatchObject({ state: 'Exited', exitCode: 137, oomKilled: false });
    });

    test('succeeds where nothing runs', async () => {
      const name = await on.start('sleeps');
      await on.runtime.stop(name, 0);
      await on.runtime.stop(name, 0);
      await on.runtime.stop('nobody-0', 0);
    });
  });

  describe('remove', () => {
    test('takes away what runs and what has ended', async () => {
      const names = [await on.start('sleeps'), await on.start('exitsWith3')];
      await on.exited(names[1] ?? '');
      for (const name of names) await on.runtime.remove(name, 0);
      expect(await on.runtime.list()).toEqual([]);
    });

    test('succeeds where nothing is', async () => {
      await on.runtime.remove('nobody-0', 0);
    });
  });

  describe('changes by hand', () => {
    test('of a running container are drift', async () => {
      const name = await on.start('sleeps');
      await on.fixture.byHand.pause(name);
      await eventually(async () => (await on.named(name))?.drifted, PATIENCE);
      expect(await on.named(name)).toMatchObject({ state: 'Running' });
      await on.runtime.remove(name, 0);
      expect(await on.runtime.list()).toEqual([]);
    });

    test('show in the next list', async () => {
      const [killed, removed] = [await on.start('sleeps'), await on.start('sleeps')];
      await on.fixture.byHand.kill(killed);
      await on.fixture.byHand.remove(removed);
      expect(await on.exited(killed)).toMatchObject({ exitCode: 137 });
      expect(await on.named(removed)).toBeUndefined();
    });
  });
}
