import type { RuntimeEvent } from '../../controllers/ports/runtime.ts';
import { eventually } from '../support/eventually.ts';
import { collect, PATIENCE, type RuntimeContext } from './runtime-context.ts';

/** Probes and events. */
export function describeWatch(on: RuntimeContext): void {
  describe('probe', () => {
    test('asks over HTTP, by number or name of the port', async () => {
      const name = await on.start('serves');
      const get = (path: string, port: number | string = 80) =>
        on.runtime.probe(name, { httpGet: { path, port, scheme: 'HTTP' } }, 1_000);
      await eventually(async () => (await get('/')).success, PATIENCE);
      expect(await get('/', 'http')).toEqual({ success: true, message: 'HTTP 200' });
      expect(await get('/absent')).toEqual({ success: false, message: 'HTTP 404' });
      expect(await get('/', 81)).toMatchObject({ success: false });
    });

    test('connects', async () => {
      const name = await on.start('serves');
      const connect = (port: number) => on.runtime.probe(name, { tcpSocket: { port } }, 1_000);
      await eventually(async () => (await connect(80)).success, PATIENCE);
      expect(await connect(81)).toMatchObject({ success: false });
    });

    test('fails where nothing runs', async () => {
      const name = await on.start('exitsWith3');
      await on.exited(name);
      for (const probed of [name, 'nobody-0'])
        expect(await on.runtime.probe(probed, { tcpSocket: { port: 80 } }, 1_000)).toMatchObject({
          success: false,
        });
    });
  });

  describe('events', () => {
    /** What came so far, while it is listened to. */
    function listen(): RuntimeEvent[] {
      const seen: RuntimeEvent[] = [];
      void (async () => {
        for await (const event of on.runtime.events(on.signal)) seen.push(event);
      })();
      return seen;
    }

    test('hint at a container that began and at one that ended', async () => {
      const seen = listen();
      const wanted = await on.request('sleeps');
      const hint = () => seen.some(({ uid }) => uid === wanted.uid || uid === undefined);
      await on.runtime.run(wanted, on.signal);
      await eventually(hint, PATIENCE);
      seen.length = 0;
      await on.fixture.byHand.kill((await on.only(wanted)).name);
      await eventually(hint, PATIENCE);
    });

    test('end with the signal', async () => {
      const ended = collect(on.runtime.events(on.signal));
      on.abort();
      await ended;
    });
  });
}
