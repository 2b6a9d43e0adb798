import { StatusError } from '../../api/meta/status-error.ts';
import { runController } from '../../test/support/run-controller.ts';
import { TerminalError } from './error-policy.ts';

describe('Controller, after a run', () => {
  it('that succeeded: rests', async () => {
    const { clock, controller, enqueue, times, end } = runController(async () => ({}));
    enqueue('web');
    await clock.advance(100_000);
    expect(times('web')).toEqual([0]);
    expect(controller.isIdle(1e9)).toBe(true);
    await end();
  });

  it('that asked for it: looks again then', async () => {
    const { clock, controller, enqueue, times, end } = runController(async () => ({ requeueAfterMs: 5_000 }));
    enqueue('web');
    await clock.advance(10_000);
    expect(times('web')).toEqual([0, 5_000, 10_000]);
    expect([controller.isIdle(4_999), controller.isIdle(5_000)]).toEqual([true, false]);
    await end();
  });

  it('that failed: backs off further each time, and starts over after a success', async () => {
    let failures = 6;
    const { clock, enqueue, times, end } = runController(async () => {
      if (failures-- > 0) throw new Error('no luck');
      return {};
    });
    enqueue('web');
    await clock.advance(10_000);
    expect(times('web')).toEqual([0, 100, 300, 700, 1_500, 2_500, 3_500]);
    failures = 1;
    enqueue('web');
    await clock.advance(10_000);
    expect(times('web').slice(7)).toEqual([10_000, 10_100]);
    await end();
  });

  it('that met a conflict: reads again almost at once, without a word', async () => {
    let conflicts = 3;
    const { clock, logger, enqueue, times, end } = runController(async () => {
      if (conflicts-- > 0) throw new StatusError('Conflict', 'someone else wrote first');
      return {};
    });
    enqueue('web');
    await clock.advance(10_000);
    expect(times('web')).toEqual([0, 5, 15, 35]);
    expect(new Set(logger.lines.map(({ level }) => level))).toEqual(new Set(['debug']));
    await end();
  });

  it('that cannot be helped: waits until the object changes, and warns once', async () => {
    const { clock, logger, enqueue, times, end } = runController(async () => {
      throw new TerminalError('InvalidManifest', 'two containers of one name');
    });
    enqueue('web');
    await clock.advance(100_000);
    enqueue('web');
    await clock.advance(100_000);
    expect(times('web')).toEqual([0, 100_000]);
    expect(logger.at('warn')).toMatchObject([
      {
        message: 'Reconcile failed',
        fields: {
          controller: 'deployment',
          namespace: 'default',
          name: 'web',
          reconcileID: expect.stringMatching(/^[0-9a-f-]{36}$/),
          reason: 'InvalidManifest',
        },
      },
    ]);
    await end();
  });

  it('counts how it ended', async () => {
    const { clock, metrics, enqueue, end } = runController(async ({ name }) => {
      if (name === 'bad') throw new TerminalError('InvalidManifest', 'bad');
      return {};
    });
    enqueue('web', 'bad');
    await clock.settle();
    expect(metrics.render()).toContain(
      'peercompute_reconcile_total{controller="deployment",result="success"} 1\n' +
        'peercompute_reconcile_total{controller="deployment",result="error"} 1\n',
    );
    await end();
  });
});
