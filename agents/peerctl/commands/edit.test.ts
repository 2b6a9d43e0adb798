import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Store } from '../../../controllers/ports/store.ts';
import { ALICE, deployment, trustedPeer } from '../../../test/support/objects.ts';
import { CommandLine } from '../../../test/support/peerctl-command-line.ts';

const WEB = { kind: 'Deployment', namespace: 'default', name: 'web' } as const;

let machine: CommandLine;
let store: Store;
beforeEach(async () => {
  machine = new CommandLine();
  store = machine.store as Store;
  Object.assign(machine.env, { PATH: process.env.PATH });
  await store.apply(deployment('web'));
});
afterEach(() => machine.close());

/** A person at an editor: a shell script that gets the file as $1, and $n, how often it was opened. */
function person(...steps: string[]): void {
  const script = [
    '#!/bin/sh',
    'n=$(cat opened 2>/dev/null || echo 0); n=$((n+1)); echo $n >opened',
    'cp "$1" seen-$n',
    ...steps,
    '',
  ].join('\n');
  machine.file('person', script);
  chmodSync(join(machine.cwd, 'person'), 0o755);
  machine.env.EDITOR = './person';
}

const seen = (n: number) => readFileSync(join(machine.cwd, `seen-${n}`), 'utf8');

/** The file that a message says the text is kept in; removed, as a person would in the end. */
function kept(stderr: string): string {
  const file = /kept in (\S+)/.exec(stderr)?.[1] ?? '';
  const text = readFileSync(file, 'utf8');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(dirname(file), { recursive: true });
  return text;
}

describe('peerctl edit', () => {
  it('opens the manifest, stores what was typed, and delivers it', async () => {
    person('sed -i "s/replicas: 1/replicas: 3/" "$1"');
    expect(await machine.run('edit', 'web')).toEqual({
      code: 0,
      stdout: 'deployment/web edited\n',
      stderr: '',
    });
    expect((await store.get(WEB))?.spec.replicas).toBe(3);
    expect(seen(1)).toMatch(
      /^# Edit what follows.*\napiVersion: peercompute.dev\/v1alpha1\nkind: Deployment\nmetadata:\n {2}name: web\n/,
    );
    expect(seen(1)).not.toMatch(/uid|resourceVersion|status/);
    expect(machine.session.calls).toEqual(['deliver web']);
  });

  it('changes nothing when nothing was typed, or everything was deleted', async () => {
    person('true');
    expect(await machine.run('edit', 'web')).toMatchObject({ code: 0, stdout: 'deployment/web unchanged\n' });
    person(': >"$1"');
    expect(await machine.run('edit', 'web')).toMatchObject({ code: 0, stdout: 'deployment/web unchanged\n' });
  });

  it('opens again with the mistake and all that was typed', async () => {
    person(
      'if [ $n = 1 ]; then sed -i "s/replicas: 1/replicas: -1/" "$1"; else sed -i "s/replicas: -1/replicas: 2/" "$1"; fi',
    );
    expect(await machine.run('edit', 'web')).toMatchObject({ code: 0, stdout: 'deployment/web edited\n' });
    expect(seen(2)).toMatch(/^# web.yaml:\d+: spec.replicas: must not be negative\n/);
    expect(seen(2)).toContain('replicas: -1');
    expect((await store.get(WEB))?.spec.replicas).toBe(2);
  });

  it('keeps what was typed when the person gives up on a mistake', async () => {
    person('[ $n = 1 ] && sed -i "s/replicas: 1/replicas: -1/" "$1"; true');
    const { code, stderr } = await machine.run('edit', 'web');
    expect(code).toBe(1);
    expect(kept(stderr)).toContain('replicas: -1');
    expect((await store.get(WEB))?.spec.replicas).toBe(1);
  });

  it('keeps what was typed when somebody else changed the object meanwhile', async () => {
    person('sed -i "s/replicas: 1/replicas: 3/" "$1"');
    const original = store.apply.bind(store);
    store.apply = async (object, options) => {
      await store.patch(WEB, { spec: { minReadySeconds: 5 } });
      return original(object, options);
    };
    const { code, stderr } = await machine.run('edit', 'web');
    expect(code).toBe(1);
    expect(stderr).toContain('it was changed or deleted meanwhile');
    expect(kept(stderr)).toContain('replicas: 3');
    expect((await store.get(WEB))?.spec).toMatchObject({ replicas: 1, minReadySeconds: 5 });
  });

  it('lets nobody rename an object', async () => {
    person('sed -i "s/name: web/name: other/" "$1"');
    const { code, stderr } = await machine.run('edit', 'web');
    expect(code).toBe(1);
    expect(stderr).toContain('kind, name and namespace cannot be edited');
    kept(stderr);
  });

  it.each([
    ['./nowhere', 'there is no editor "./nowhere"'],
    ['false', 'the editor "false" failed'],
  ])('says so when the editor %s is of no use', async (editor, message) => {
    machine.env.EDITOR = editor;
    const { code, stderr } = await machine.run('edit', 'web');
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    kept(stderr);
  });

  it('edits other kinds, and asks no peer', async () => {
    await store.apply(trustedPeer('alice', ALICE));
    person('sed -i "s/logs: false/logs: true/" "$1"');
    expect((await machine.run('edit', 'peer/alice')).stdout).toBe('trustedpeer/alice edited\n');
    expect((await store.get({ kind: 'TrustedPeer', name: 'alice' }))?.spec.grants.logs).toBe(true);
    expect(machine.session.calls).toEqual([]);
  });
});
