import { describeRuntime } from '../../../../test/compliance/runtime.ts';
import { BUSYBOX_IMAGE, sharedEngine } from '../../../../test/support/docker-engine.ts';
import { DockerSandbox } from '../../../../test/support/docker-sandbox.ts';

const WRITES = 'echo one; sleep 0.1; echo oops >&2; sleep 0.1; echo two; sleep 0.1; echo three';

describeRuntime('Docker', async () => {
  const dockerHost = await sharedEngine();
  const [sandbox, neighbour] = [new DockerSandbox(dockerHost), new DockerSandbox(dockerHost)];
  return {
    runtime: sandbox.runtime,
    neighbour: neighbour.runtime,
    image: BUSYBOX_IMAGE,
    absentImage: 'peercompute.invalid/absent:1',
    specs: {
      sleeps: { command: ['sleep', '1000'] },
      ignoresTerm: { command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'] },
      exitsWith3: { command: ['sh', '-c', 'exit 3'] },
      writes: { command: ['sh', '-c', `${WRITES}; exec sleep 1000`] },
      writesAndExits: { command: ['sh', '-c', WRITES] },
      serves: {
        command: [
          'sh',
          '-c',
          'mkdir /tmp/www && echo hello >/tmp/www/index.html && exec httpd -f -h /tmp/www',
        ],
        ports: [{ name: 'http', containerPort: 80 }],
      },
      outgrowsMemory: {
        command: ['sh', '-c', 'exec dd if=/dev/zero of=/dev/null bs=64M'],
        resources: { limits: { memory: '16Mi' } },
      },
      cannotStart: { command: ['/bin/absent'] },
    },
    byHand: {
      kill: (name) => sandbox.docker('kill', name),
      remove: (name) => sandbox.docker('rm', '--force', name),
      pause: (name) => sandbox.docker('pause', name),
    },
    cleanUp: async () => {
      await sandbox.cleanUp();
      await neighbour.cleanUp();
    },
  };
});
