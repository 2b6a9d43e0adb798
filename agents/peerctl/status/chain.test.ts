import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { ALICE, deployment, trustedPeer } from '../../../test/support/objects.ts';
import { chain, NOW, type Situation } from '../../../test/support/peerctl-chain.ts';
import { condition, readyStatus } from '../../../test/support/peerctl-statuses.ts';
import { chainOf } from './chain.ts';

const BEFORE_IMAGE = [
  'manifest ok generation 2, from /srv/web.yaml',
  'signature ok the peer holds the spec as it was signed here',
  'peer ok alice',
  'admission ok accepted',
];

describe('chainOf', () => {
  it('holds from one end to the other when all is well', () => {
    const peerStatus = {
      roundTripMilliseconds: 8.2,
      conditions: [condition('Connected', 'True', 'Direct')],
      granted: trustedPeer('me', ALICE, { grants: { deploy: { resources: { cpu: '4', memory: '4Gi' } } } })
        .spec.grants,
      used: { deployments: 1, replicas: 1, cpu: '500m', memory: '256Mi' },
    };
    expect(chain({ peerStatus })).toEqual([
      'manifest ok generation 2, from /srv/web.yaml',
      'signature ok the peer holds the spec as it was signed here',
      'peer ok alice, direct, 8 ms',
      'admission ok uses 500m of 4 cpu, 256Mi of 4Gi',
      'image ok nginx@sha256:0123',
      'process ok 1/1 run, the oldest for 3m',
      'probe ok 1/1 ready',
    ]);
  });

  it.each<[string, Situation, string[]]>([
    [
      'the manifest in the state directory is wrong',
      { own: [condition('Parsed', 'False', 'InvalidManifest', 'web.yaml:3: spec: is required')] },
      [
        'manifest broken InvalidManifest: web.yaml:3: spec: is required',
        'signature unknown',
        'peer unknown',
        'admission unknown',
        'image unknown',
        'process unknown',
        'probe unknown',
      ],
    ],
    [
      'the signature does not hold',
      { conditions: [condition('Admitted', 'False', 'SignatureInvalid', 'the spec was changed')] },
      [
        'manifest ok generation 2, from /srv/web.yaml',
        'signature broken SignatureInvalid: the spec was changed',
        'peer unknown',
      ],
    ],
    [
      'nobody knows the peer',
      { peer: 'unknown', delivered: false },
      [
        ...BEFORE_IMAGE.slice(0, 1),
        'signature ok made when the spec is sent',
        'peer broken there is no TrustedPeer "alice"; "peerctl peers add ID --name alice" makes one',
      ],
    ],
    [
      'the trust has ended',
      { peer: { expiresAt: '2030-01-01T00:00:00Z' } },
      [...BEFORE_IMAGE.slice(0, 2), 'peer broken the trust in alice ended 3m ago; edit its expiresAt'],
    ],
    [
      'the peer does not answer',
      {
        delivered: false,
        conditions: [condition('Synced', 'False', 'PeerUnreachable', 'no address answered')],
      },
      [
        ...BEFORE_IMAGE.slice(0, 1),
        'signature ok made when the spec is sent',
        'peer broken PeerUnreachable: no address answered (last seen 3m ago)',
      ],
    ],
    [
      'the peer has the spec, and does not answer any more',
      {
        conditions: [
          condition('Synced', 'True', 'Delivered'),
          condition('Admitted', 'True', 'Accepted'),
          condition('Ready', 'Unknown', 'PeerUnreachable', 'no address answered'),
        ],
      },
      [
        ...BEFORE_IMAGE.slice(0, 2),
        'peer broken PeerUnreachable: no address answered (last seen 3m ago)',
        'admission unknown',
      ],
    ],
    [
      'the spec is on its way',
      { delivered: false, conditions: [condition('Synced', 'False', 'Queued')] },
      [
        ...BEFORE_IMAGE.slice(0, 1),
        'signature ok made when the spec is sent',
        'peer waiting the spec waits for alice (last seen 3m ago); "peerctl sync" delivers it',
        'admission unknown',
      ],
    ],
    [
      'the peer does not trust us',
      {
        delivered: false,
        conditions: [
          condition('Synced', 'False', 'NotTrustedByPeer', 'ask'),
          condition('Admitted', 'False', 'NotTrustedByPeer', 'ask'),
        ],
      },
      [
        ...BEFORE_IMAGE.slice(0, 1),
        'signature ok made when the spec is sent',
        'peer broken NotTrustedByPeer: ask (last seen 3m ago)',
      ],
    ],
    [
      'the peer refuses',
      {
        delivered: false,
        conditions: [
          condition('Synced', 'False', 'QuotaExceeded', 'too much'),
          condition('Admitted', 'False', 'QuotaExceeded', 'too much'),
        ],
      },
      [
        ...BEFORE_IMAGE.slice(0, 1),
        'signature ok made when the spec is sent',
        'peer ok alice',
        'admission broken QuotaExceeded: too much',
        'image unknown',
      ],
    ],
    [
      'the image cannot be pulled',
      { container: { ready: false, state: 'Waiting', reason: 'ImagePullFailed', message: 'no such image' } },
      [...BEFORE_IMAGE, 'image broken web-0: ImagePullFailed: no such image', 'process unknown'],
    ],
    [
      'the image cannot be pulled and there is no container yet',
      {
        container: 'none',
        conditions: [
          condition('Admitted', 'True', 'Accepted'),
          condition('Ready', 'False', 'ImagePullFailed', 'no such image'),
        ],
      },
      [...BEFORE_IMAGE, 'image broken ImagePullFailed: no such image'],
    ],
    [
      'the process exits at once',
      { container: { ready: false, state: 'Waiting', reason: 'CrashLoop', message: 'exited 1 four times' } },
      [
        ...BEFORE_IMAGE,
        'image ok nginx@sha256:0123',
        'process broken web-0: CrashLoop: exited 1 four times',
        'probe unknown',
      ],
    ],
    [
      'the process has only just been asked for',
      { container: { ready: false, state: 'Waiting' } },
      [...BEFORE_IMAGE, 'image ok nginx@sha256:0123', 'process waiting 0/1 run', 'probe unknown'],
    ],
    [
      'the probe fails',
      { container: { ready: false, reason: 'ProbeFailed', message: 'HTTP 503' } },
      [
        ...BEFORE_IMAGE,
        'image ok nginx@sha256:0123',
        'process ok 1/1 run, the oldest for 3m',
        'probe broken web-0: ProbeFailed: HTTP 503',
      ],
    ],
    [
      'the probe has not answered yet',
      { container: { ready: false } },
      [
        ...BEFORE_IMAGE,
        'image ok nginx@sha256:0123',
        'process ok 1/1 run, the oldest for 3m',
        'probe waiting 0/1 ready',
      ],
    ],
    [
      'it is stopped',
      { spec: { state: 'Stopped' }, container: 'none' },
      [
        ...BEFORE_IMAGE,
        'image ok not needed while it is stopped',
        'process waiting stopped; "peerctl start web" starts it',
        'probe unknown',
      ],
    ],
  ])('marks the first broken link when %s', (_, situation, expected) => {
    expect(chain(situation).slice(0, expected.length)).toEqual(expected);
  });

  it("follows a guest's Deployment on the machine where it runs", () => {
    const guest = deployment('web', {}, { owner: ALICE });
    const status = { ...readyStatus(guest), peers: undefined } as unknown as Deployment['status'];
    const links = chainOf({
      deployment: { ...guest, status },
      peerName: 'alice',
      trustedPeer: undefined,
      now: NOW,
    });
    expect(links.map(({ state }) => state)).toEqual(Array.from({ length: 7 }, () => 'ok'));
    expect(links[2]?.detail).toBe('here, for 12D3KooWDpJ7...');
  });
});
