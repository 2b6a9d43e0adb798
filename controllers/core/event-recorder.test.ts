import { MemoryStore } from '../../agents/adapters/store/memory-store.ts';
import { PrometheusMetrics } from '../../agents/adapters/system/metrics.ts';
import { decodeManifest } from '../../api/scheme.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeLogger } from '../../test/support/fake-logger.ts';
import { ALICE, BOB, deployment, trustedPeer } from '../../test/support/objects.ts';
import { EventRecorder } from './event-recorder.ts';

function setup(clock = new FakeClock(), store = new MemoryStore({ clock })) {
  const logger = new FakeLogger();
  const recorder = new EventRecorder({ store, clock, logger, metrics: new PrometheusMetrics() });
  const stop = new AbortController();
  const running = recorder.start(stop.signal);
  const events = async () => (await store.list('Event')).items;
  const end = async () => {
    stop.abort();
    await running;
    expect(clock.pending).toBe(0);
  };
  return { clock, store, logger, recorder, recording: recorder.for('deployment'), events, end };
}

describe('EventRecorder', () => {
  it('writes an event about an object, where the owner of the object can read it', async () => {
    const { clock, recording, events, end } = setup();
    const web = deployment('web', {}, { owner: ALICE });
    recording.record(web, 'Warning', 'BackOff', 'exited 1');
    await clock.advance(50);
    const [event] = await events();
    expect(event).toMatchObject({
      metadata: { owner: ALICE, namespace: 'default', name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
      spec: {
        regarding: { kind: 'Deployment', namespace: 'default', name: 'web', uid: web.metadata.uid },
        type: 'Warning',
        reason: 'BackOff',
        note: 'exited 1',
        reportingController: 'deployment',
        count: 1,
      },
    });
    const { apiVersion, kind, metadata, spec } = event ?? {};
    const { name, namespace } = metadata ?? {};
    expect(decodeManifest({ apiVersion, kind, metadata: { name, namespace }, spec }).ok).toBe(true);
    await end();
  });

  it('writes an event about a cluster-scoped object', async () => {
    const { clock, recording, events, end } = setup();
    recording.record(trustedPeer('bob', BOB), 'Normal', 'Connected', 'bob answered');
    await clock.advance(50);
    expect((await events())[0]).toMatchObject({
      metadata: { namespace: 'default' },
      spec: { regarding: { kind: 'TrustedPeer', name: 'bob' } },
    });
    await end();
  });

  it('counts what is said again, and writes it at most every 10 s', async () => {
    const { clock, recording, events, end } = setup();
    const web = deployment('web');
    const versions = new Set<string>();
    for (let second = 0; second < 60; second++) {
      recording.record(web, 'Warning', 'BackOff', 'exited 1');
      await clock.advance(1_000);
      for (const { metadata } of await events()) versions.add(metadata.resourceVersion);
    }
    await clock.advance(10_000);
    const [event, ...more] = await events();
    expect(more).toEqual([]);
    expect(event?.spec.count).toBe(60);
    expect(versions.size).toBe(6);
    await end();
  });

  it('keeps the last 25 events of an object, and its pace, when every note is another one', async () => {
    const { clock, recording, events, end } = setup();
    const web = deployment('web');
    const db = deployment('db');
    recording.record(db, 'Normal', 'Started', 'started db-0');
    await clock.settle();
    for (let index = 0; index < 1_000; index++)
      recording.record(web, 'Warning', 'BackOff', `exited ${index}`);
    await clock.advance(10_000);
    const notes = (await events()).map(({ spec }) => spec.note);
    expect(notes).toHaveLength(26);
    expect(notes).toEqual(expect.arrayContaining(['started db-0', 'exited 975', 'exited 999']));
    await end();
  });

  it('removes what it has written when it must make room', async () => {
    const { clock, recording, events, end } = setup();
    const web = deployment('web');
    for (let index = 0; index < 30; index++) {
      recording.record(web, 'Warning', 'BackOff', `exited ${index}`);
      await clock.advance(1_000);
    }
    const notes = (await events()).map(({ spec }) => spec.note);
    expect(notes).toHaveLength(25);
    expect(notes).not.toContain('exited 4');
    await end();
  });

  it('writes at most 20 events a second, whatever happens', async () => {
    const { clock, recording, events, end } = setup();
    for (let index = 0; index < 100; index++)
      recording.record(deployment(`web-${index}`), 'Normal', 'Started', 'started');
    await clock.advance(1_000);
    expect(await events()).toHaveLength(20);
    await clock.advance(5_000);
    expect(await events()).toHaveLength(100);
    await end();
  });

  it('goes on counting after a restart', async () => {
    const first = setup();
    const web = deployment('web');
    first.recording.record(web, 'Normal', 'Started', 'started web-0');
    await first.clock.advance(60_000);
    await first.end();

    const second = setup(first.clock, first.store);
    second.recording.record(web, 'Normal', 'Started', 'started web-0');
    await second.clock.advance(10_000);
    expect((await second.events()).map(({ spec }) => spec.count)).toEqual([2]);
    await second.end();
  });

  it('removes what an earlier run has left beyond the bounds', async () => {
    const first = setup();
    const web = deployment('web');
    for (let index = 0; index < 25; index++) {
      first.recording.record(web, 'Normal', 'Started', `old ${index}`);
      await first.clock.advance(100);
    }
    await first.end();

    const second = setup(first.clock, first.store);
    for (let index = 0; index < 10; index++)
      second.recording.record(web, 'Normal', 'Started', `new ${index}`);
    await second.clock.advance(10_000);
    const notes = (await second.events()).map(({ spec }) => spec.note);
    expect(notes).toHaveLength(25);
    expect(notes).not.toContain('old 9');
    expect(notes).toEqual(expect.arrayContaining(['old 10', 'old 24', 'new 0', 'new 9']));
    await second.end();
  });

  it('lets what an event is about be told first, and writes it at once when the program ends', async () => {
    const { clock, recording, events, end } = setup();
    recording.record(deployment('web'), 'Normal', 'Started', 'started web-0');
    await clock.settle();
    expect(await events()).toEqual([]);
    await end();
    expect(await events()).toHaveLength(1);
  });

  it('does not mind a Store that fails', async () => {
    const clock = new FakeClock();
    const store = new MemoryStore({ clock });
    const full = () => Promise.reject(new Error('ENOSPC'));
    const { recording, logger, events, end } = setup(clock, Object.assign(store, { apply: full }));
    recording.record(deployment('web'), 'Normal', 'Started', 'started web-0');
    await clock.advance(50);
    expect(await events()).toEqual([]);
    expect(logger.at('debug')).toMatchObject([{ message: 'Event could not be written' }]);
    await end();
  });
});
