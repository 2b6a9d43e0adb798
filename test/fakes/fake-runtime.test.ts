import { systemClock as clock } from '../../agents/adapters/system/clock.ts';
import { describeRuntime, type Behaviour as Named } from '../compliance/runtime.ts';
import { FakeRuntime } from './fake-runtime.ts';
import type { Behaviour } from './fake-runtime-process.ts';

const lines = [
  { stream: 'stdout', text: 'one' },
  { stream: 'stderr', text: 'oops' },
  { stream: 'stdout', text: 'two' },
  { stream: 'stdout', text: 'three' },
] as const;

const behaviours: Record<Named, Behaviour> = {
  sleeps: {},
  ignoresTerm: { stopMs: Number.MAX_SAFE_INTEGER },
  exitsWith3: { exitAfterMs: 1, exitCode: 3 },
  writes: { lines: [...lines] },
  writesAndExits: { lines: [...lines], exitAfterMs: 1 },
  serves: { serves: { port: 80, name: 'http', paths: ['/'] } },
  outgrowsMemory: { exitAfterMs: 1, oomKilled: true },
  cannotStart: { startError: 'there is nothing to execute' },
};

describeRuntime('Fake', async () => {
  const runtime = new FakeRuntime(
    { clock },
    { script: ({ container }) => behaviours[container.command?.[0] as Named] },
  );
  const image = 'peercompute.local/web:1';
  runtime.images.load(image);
  const specs = Object.fromEntries(Object.keys(behaviours).map((name) => [name, { command: [name] }]));
  return {
    runtime,
    neighbour: new FakeRuntime({ clock }),
    image,
    absentImage: 'peercompute.local/absent:1',
    specs: {
      ...(specs as Record<Named, object>),
      serves: { command: ['serves'], ports: [{ name: 'http', containerPort: 80 }] },
    },
    byHand: {
      kill: async (name) => runtime.find(name).exit(137),
      remove: async (name) => runtime.vanish(name),
      pause: async (name) => runtime.find(name).update({ drifted: true }),
    },
    cleanUp: async () => undefined,
  };
});
