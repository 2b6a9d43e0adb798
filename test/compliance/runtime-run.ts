import { randomBytes, randomUUID } from 'node:crypto';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { RunRequest } from '../../controllers/ports/runtime.ts';
import { ALICE } from '../support/objects.ts';
import { expectReason, type RuntimeContext } from './runtime-context.ts';

/** Containers that begin. */
export function describeRun(on: RuntimeContext): void {
  describe('run', () => {
    test('starts a container that is listed as what was asked for', async () => {
      const {
        container: spec,
        imageID,
        terminationGracePeriodSeconds,
        ...wanted
      } = await on.request('serves');
      const before = Date.now();
      await on.runtime.run({ container: spec, imageID, terminationGracePeriodSeconds, ...wanted }, on.signal);
      const [running, ...others] = await on.runtime.list();
      expect(others).toEqual([]);
      expect(running).toMatchObject({ ...wanted, state: 'Running', oomKilled: false, drifted: false });
      expect(running?.error).toBeUndefined();
      expect(running?.exitCode).toBeUndefined();
      expect(running?.image).toBe(imageID);
      // The engine's clock is this machine's; its times may be cut to milliseconds.
      expect(running?.createdAt).toBeGreaterThanOrEqual(before - 1);
      expect(running?.startedAt).toBeGreaterThanOrEqual(running?.createdAt ?? Number.NaN);
    });

    test('publishes ports where the kernel chose and reads them back', async () => {
      const running = await on.named(await on.start('serves'));
      expect(running?.ports).toEqual([{ containerPort: 80, protocol: 'TCP', hostPort: expect.any(Number) }]);
      expect(running?.ports[0]?.hostPort).toBeGreaterThan(0);
    });

    test('is idempotent', async () => {
      const wanted = await on.request('sleeps');
      await on.runtime.run(wanted, on.signal);
      const first = await on.only(wanted);
      await Promise.all([on.runtime.run(wanted, on.signal), on.runtime.run(wanted, on.signal)]);
      expect(await on.runtime.list()).toEqual([first]);
    });

    test('starts nothing again that has ended', async () => {
      const wanted = await on.request('exitsWith3');
      await on.runtime.run(wanted, on.signal);
      const ended = await on.exited((await on.only(wanted)).name);
      await on.runtime.run(wanted, on.signal);
      expect(await on.runtime.list()).toEqual([ended]);
    });

    test('keeps apart what differs in one part of its identity', async () => {
      const wanted = await on.request('sleeps');
      const variants: Partial<RunRequest>[] = [
        {},
        { ordinal: 1 },
        { attempt: 1 },
        { templateHash: randomBytes(32).toString('hex') },
        { uid: randomUUID() },
        { namespace: 'other' },
        { owner: ALICE },
      ];
      await Promise.all(variants.map((variant) => on.runtime.run({ ...wanted, ...variant }, on.signal)));
      const names = (await on.runtime.list()).map(({ name }) => name);
      expect(new Set(names).size).toBe(variants.length);
    });

    test('refuses an image that is not there', async () => {
      const wanted = await on.request('sleeps', { imageID: `sha256:${'0'.repeat(64)}` });
      await expectReason(on.runtime.run(wanted, on.signal), Reason.CreateFailed, on.fixture.image);
      expect(await on.runtime.list()).toEqual([]);
    });

    test('does nothing when its signal has aborted', async () => {
      const wanted = await on.request('sleeps');
      on.abort(new Error('enough'));
      await expect(on.runtime.run(wanted, on.signal)).rejects.toThrow('enough');
      expect(await on.runtime.list()).toEqual([]);
    });
  });
}
