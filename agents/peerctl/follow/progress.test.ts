import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { deployment } from '../../../test/support/objects.ts';
import { condition, failedStatus, readyStatus } from '../../../test/support/peerctl-statuses.ts';
import { Output } from '../streams.ts';
import { bar, Progress } from './progress.ts';

const SIGNER = '12D3KooWRq3bxxxxxxxx';

function screen(isTTY: boolean) {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const stream = { isTTY, columns: 100, write };
  const clock = new FakeClock();
  const out = new Output(() => stream, { NO_COLOR: '1' });
  return { clock, progress: new Progress({ out, clock }, { signer: SIGNER }), read: () => text };
}

function withStatus(web: Deployment, status: object): Deployment {
  return { ...web, status: status as Deployment['status'] };
}

describe('Progress', () => {
  const web = deployment('web', { replicas: 2 });

  it('shows each step once, with the time it took', async () => {
    const { clock, progress, read } = screen(true);
    await clock.advance(1900);
    progress.show(withStatus(web, readyStatus(web)));
    progress.show(withStatus(web, readyStatus(web)));
    expect(read()).toBe(
      [
        '  alice  accepted   generation 1, signed by 12D3KooWRq3b...   1.9 s',
        '  alice  started    web-0, web-1                              1.9 s',
        '  alice  ready      2/2                                       1.9 s',
        '',
      ].join('\n'),
    );
  });

  it('redraws the line of a pull, and clears it when something follows', () => {
    const { progress, read } = screen(true);
    const pull = { image: 'nginx:alpine', current: 11_200_000, total: 18_400_000 };
    progress.show(withStatus(web, { ...readyStatus(web), peers: [], pull }));
    expect(read()).toBe('\r\x1b[2K  alice  pulling    nginx:alpine  [=========>      ] 11.2/18.4 MB');
    progress.end();
    expect(read().endsWith('\r\x1b[2K')).toBe(true);
  });

  it('shows a refusal and a failing container, made visible', () => {
    const { progress, read } = screen(true);
    progress.show(withStatus(web, failedStatus(web, 'Admitted', 'QuotaExceeded', 'too\nmuch')));
    expect(read()).toContain('alice  refused    QuotaExceeded: too\\nmuch');
    const container = {
      name: 'web-0',
      peer: 'alice',
      updated: true,
      state: 'Waiting',
      ready: false,
      reason: 'CrashLoop',
      message: 'exited 1\x1b',
    };
    const status = readyStatus(web) as { peers: { conditions: unknown }[] };
    for (const peer of status.peers) peer.conditions = [condition('Ready', 'False', 'CrashLoop')];
    progress.show(withStatus(web, { ...status, containers: [container] }));
    expect(read()).toContain('alice  failing    web-0: CrashLoop: exited 1\\e');
    expect(read()).not.toContain('ready ');
  });

  it('shows nothing that was said of an older spec', () => {
    const { progress, read } = screen(true);
    const status = failedStatus(web, 'Admitted', 'QuotaExceeded', 'too much');
    progress.show({ ...withStatus(web, status), metadata: { ...web.metadata, generation: 2 } });
    expect(read()).toBe('');
  });

  it('is silent where no person looks on', () => {
    const { progress, read } = screen(false);
    progress.show(withStatus(web, readyStatus(web)));
    progress.end();
    expect(read()).toBe('');
  });
});

describe('bar', () => {
  it.each([
    [0, 10e6, '[>               ] 0.0/10.0 MB'],
    [5e6, 10e6, '[========>       ] 5.0/10.0 MB'],
    [10e6, 10e6, '[================] 10.0/10.0 MB'],
    [20e6, 10e6, '[================] 20.0/10.0 MB'],
    [5e6, 0, '5.0 MB'],
  ])('draws %d of %d bytes', (current, total, drawn) => {
    expect(bar(current, total)).toBe(drawn);
  });
});
