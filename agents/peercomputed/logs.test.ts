import { templateHash } from '../../controllers/deployment/container.ts';
import type { RuntimeContainer } from '../../controllers/ports/runtime.ts';
import { ALICE, deployment } from '../../test/support/objects.ts';
import { chooseRuns } from './logs.ts';

const WEB = deployment('web', {}, { owner: ALICE });

/** The runs of `web-0`, the latest last. */
function runs(...states: RuntimeContainer['state'][]): RuntimeContainer[] {
  const { name, namespace = '', uid } = WEB.metadata;
  const common = { owner: ALICE, namespace, deployment: name, uid, ordinal: 0, backoffLevel: 0 };
  return states.map((state, attempt) => ({
    ...common,
    name: `run-${attempt}`,
    templateHash: templateHash(WEB.spec.template),
    attempt,
    state,
    oomKilled: false,
    createdAt: 0,
    image: 'web',
    ports: [],
    drifted: false,
  }));
}

function chosen(containers: RuntimeContainer[], previous: boolean): string[] {
  const query = { name: 'web', namespace: 'default', follow: false, all: false, previous };
  return chooseRuns(WEB, containers, query).map(({ run }) => run.name);
}

describe('the logs of a replica', () => {
  test.each<[RuntimeContainer['state'][], { present: string; previous: string }]>([
    [['Exited', 'Running'], { present: 'run-1', previous: 'run-0' }],
    [['Exited'], { present: 'run-0', previous: 'run-0' }],
    [['Exited', 'Exited'], { present: 'run-1', previous: 'run-1' }],
    [['Exited', 'Created'], { present: 'run-1', previous: 'run-0' }],
  ])('are, of runs that are %j, those of the latest, or of the last that ended', (states, expected) => {
    const containers = runs(...states);
    const [[present], [previous]] = [chosen(containers, false), chosen(containers, true)];
    expect({ present, previous }).toEqual(expected);
  });

  it('say so where no run has ended', () => {
    expect(() => chosen(runs('Running'), true)).toThrow('web has not ended yet: there is no previous run');
  });
});
