import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';

/** Answers whether the program still does its work. */
export type Liveness = () => boolean;

/** systemd-notify waits until systemd has read the message; a systemd that takes longer is stuck itself. */
const NOTIFY_TIMEOUT_MS = 5_000;

/**
 * Tells systemd that a `Type=notify` service is ready, alive and stopping (sd_notify(3)); without
 * systemd it does nothing.
 *
 * Node has no datagram Unix sockets, so `systemd-notify` sends the message. It comes from a child
 * process: the unit needs `NotifyAccess=all`. That is no wider than it sounds, for containers do not
 * run in the unit's cgroup. The child ends only after systemd has taken the message, so that systemd
 * can still tell whose child it was; that is why it is not told to hurry with `--no-block`.
 */
export class SystemdNotifier {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #env: NodeJS.ProcessEnv;
  readonly #isAlive: Liveness;

  constructor(
    components: { clock: Clock; logger: Logger },
    init: { env: NodeJS.ProcessEnv; isAlive: Liveness },
  ) {
    this.#clock = components.clock;
    this.#logger = components.logger;
    this.#env = init.env;
    this.#isAlive = init.isAlive;
  }

  /** Call when the program is ready. Resolves when the signal has ended and systemd knows. */
  async start(signal: AbortSignal): Promise<void> {
    if (!this.#env.NOTIFY_SOCKET) return;
    await this.#send('READY=1');
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
    const cancel = this.#watch();
    await ended;
    cancel();
    await this.#send('STOPPING=1');
  }

  /** Twice per period, as sd_watchdog_enabled(3) advises. */
  #watch(): () => void {
    const period = watchdogMs(this.#env);
    if (period === undefined) return () => undefined;
    let cancel: () => void;
    const beat = () => {
      if (this.#isAlive()) void this.#send('WATCHDOG=1');
      cancel = this.#clock.after(period / 2, beat);
    };
    beat();
    return () => cancel();
  }

  async #send(state: string): Promise<void> {
    const { PATH, NOTIFY_SOCKET } = this.#env;
    try {
      const options = { env: { PATH, NOTIFY_SOCKET }, timeout: NOTIFY_TIMEOUT_MS };
      await promisify(execFile)('systemd-notify', [state], options);
    } catch (error) {
      this.#logger.warn('systemd could not be notified; is systemd-notify installed?', { state, error });
    }
  }
}

/** How often systemd wants to hear from this process, in milliseconds. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return undefined;
  const milliseconds = Number(WATCHDOG_USEC) / 1000;
  return milliseconds > 0 ? milliseconds : undefined;
}
