import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { jest } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeLogger } from '../../../test/support/fake-logger.ts';
import { SystemdNotifier } from './sd-notify.ts';

/** Stands for systemd, whose end of the socket Node cannot be: prints each message, and closes what it is asked to. */
const LISTENER = `
import os, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    message, descriptors, _, _ = socket.recv_fds(listener, 4096, 8)
    print(message.decode(), flush=True)
    for descriptor in descriptors: os.close(descriptor)
`;

/** Two programs start for each message, on machines that do other things as well. */
const PATIENCE = { timeoutMs: 20_000 };
jest.setTimeout(60_000);

const missing = ['systemd-notify', 'python3'].filter((program) => !installed(program));
const describeHere = missing.length === 0 ? describe : describe.skip;

function installed(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    // Not installed, or not for us: either way the test cannot use it.
    return false;
  }
}

describeHere(`SystemdNotifier${missing.length > 0 ? ` (not here: no ${missing.join(', no ')})` : ''}`, () => {
  let directory: string;
  let systemd: ChildProcess;
  let stop: AbortController;
  const messages: string[] = [];

  beforeEach(async () => {
    messages.length = 0;
    stop = new AbortController();
    directory = mkdtempSync(join(tmpdir(), 'peercompute-notify-'));
    systemd = spawn('python3', ['-c', LISTENER, join(directory, 'notify')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = createInterface({ input: systemd.stdout as Readable });
    output.on('line', (line) => messages.push(line));
    await eventually(() => expect(messages).toEqual(['listening']), PATIENCE);
    messages.length = 0;
  });

  afterEach(async () => {
    stop.abort();
    systemd.kill();
    await once(systemd, 'exit');
    rmSync(directory, { recursive: true });
  });

  function setup(env: NodeJS.ProcessEnv, isAlive = () => true) {
    const clock = new FakeClock();
    const logger = new FakeLogger();
    const { PATH } = process.env;
    const init = { env: { PATH, NOTIFY_SOCKET: join(directory, 'notify'), ...env }, isAlive };
    return { clock, logger, notifier: new SystemdNotifier({ clock, logger }, init) };
  }

  /** Without the barriers by which systemd-notify waits for systemd. */
  const states = () => messages.filter((message) => message !== 'BARRIER=1');

  it('tells systemd when the service is ready and when it stops', async () => {
    const { clock, notifier, logger } = setup({});
    const running = notifier.start(stop.signal);
    await eventually(() => expect(states()).toEqual(['READY=1']), PATIENCE);
    stop.abort();
    await running;
    await eventually(() => expect(states()).toEqual(['READY=1', 'STOPPING=1']), PATIENCE);
    expect(logger.lines).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('feeds the watchdog twice per period, for as long as the service lives', async () => {
    let alive = true;
    const { clock, notifier } = setup(
      { WATCHDOG_USEC: '30000000', WATCHDOG_PID: `${process.pid}` },
      () => alive,
    );
    const running = notifier.start(stop.signal);
    await eventually(() => expect(states()).toEqual(['READY=1', 'WATCHDOG=1']), PATIENCE);
    await clock.advance(15_000);
    await eventually(() => expect(states()).toHaveLength(3), PATIENCE);
    alive = false;
    await clock.advance(60_000);
    stop.abort();
    await running;
    await eventually(
      () => expect(states()).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1']),
      PATIENCE,
    );
    expect(clock.pending).toBe(0);
  });

  it("leaves another process' watchdog alone", async () => {
    const { clock, notifier } = setup({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' });
    void notifier.start(stop.signal);
    await eventually(() => expect(states()).toEqual(['READY=1']), PATIENCE);
    expect(clock.pending).toBe(0);
  });

  it('says so when it cannot', async () => {
    const { notifier, logger } = setup({ PATH: directory });
    const running = notifier.start(stop.signal);
    await eventually(
      () => expect(logger.at('warn')).toMatchObject([{ message: expect.stringContaining('systemd-notify') }]),
      PATIENCE,
    );
    stop.abort();
    await running;
  });

  it('does nothing where no systemd asks for it', async () => {
    const { notifier, logger } = setup({ NOTIFY_SOCKET: undefined });
    await notifier.start(stop.signal);
    expect([messages, logger.lines]).toEqual([[], []]);
  });
});
