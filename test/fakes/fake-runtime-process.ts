import type { Clock } from '../../controllers/ports/clock.ts';
import type {
  ProbeHandler,
  ProbeResult,
  RunRequest,
  RuntimeContainer,
  RuntimeError,
} from '../../controllers/ports/runtime.ts';
import type { WrittenLine } from './fake-runtime-logs.ts';

/** What the process in a container does. By default it runs until it is told to end, and then ends at once. */
export interface Behaviour {
  /** Making the container fails: none appears. */
  createError?: RuntimeError;
  /** Starting it fails for this reason: it is left behind, exited. */
  startError?: string;
  /** How long create and start take, in milliseconds. */
  startMs?: number;
  /** It ends by itself after so long, in milliseconds. */
  exitAfterMs?: number;
  exitCode?: number;
  oomKilled?: boolean;
  /** How long it takes to end once asked to, in milliseconds; beyond the grace period it is killed. */
  stopMs?: number;
  /** What a probe hears, so many milliseconds after the start. Default: success; nothing while it does not run. */
  probe?(handler: ProbeHandler, ageMs: number): ProbeResult;
  /** It listens on this one port only, and has pages at these paths; probes hear accordingly. */
  serves?: { port: number; name: string; paths: string[] };
  /** What it writes when it starts. */
  lines?: WrittenLine[];
}

export type Script = (request: RunRequest) => Behaviour;

const SIGTERM_CODE = 143;
const SIGKILL_CODE = 137;
const NOT_STARTED_CODE = 127;

/** What a probe of a running process hears. */
export function answer({ probe, serves }: Behaviour, handler: ProbeHandler, ageMs: number): ProbeResult {
  if (probe) return probe(handler, ageMs);
  const port = handler.httpGet?.port ?? handler.tcpSocket?.port;
  if (!serves || port === undefined) return { success: true, message: 'OK' };
  if (port !== serves.port && port !== serves.name) return REFUSED;
  const found = !handler.httpGet || serves.paths.includes(handler.httpGet.path);
  return { success: found, message: found ? 'HTTP 200' : 'HTTP 404' };
}

export const REFUSED: ProbeResult = { success: false, message: 'connection refused' };

/** One container and the process in it. */
export class FakeProcess {
  readonly behaviour: Behaviour;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #ended = Promise.withResolvers<void>();
  #container: RuntimeContainer;
  #cancelExit: (() => void) | undefined;

  constructor(clock: Clock, container: RuntimeContainer, behaviour: Behaviour, changed: () => void) {
    this.#clock = clock;
    this.#container = container;
    this.behaviour = behaviour;
    this.#changed = changed;
  }

  get container(): RuntimeContainer {
    return this.#container;
  }

  /** Resolves when it has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  start(): void {
    const { startError, exitAfterMs, exitCode = 0, oomKilled = false } = this.behaviour;
    if (this.#container.state !== 'Created') return;
    if (startError) {
      this.#end({ exitCode: NOT_STARTED_CODE, error: startError });
      return;
    }
    this.update({ state: 'Running', startedAt: this.#clock.now() });
    if (exitAfterMs === undefined) return;
    this.#cancelExit = this.#clock.after(exitAfterMs, () =>
      this.exit(oomKilled ? SIGKILL_CODE : exitCode, oomKilled),
    );
  }

  /** It ends, by itself or by someone's hand. */
  exit(exitCode: number, oomKilled = false): void {
    if (this.#container.state === 'Running') this.#end({ exitCode, oomKilled });
  }

  /** Asks it to end, and kills it after the grace period. */
  async stop(gracePeriodSeconds: number): Promise<void> {
    if (this.#container.state !== 'Running') return;
    const { stopMs = 0 } = this.behaviour;
    const grace = gracePeriodSeconds * 1000;
    const milliseconds = Math.min(stopMs, grace);
    const code = stopMs > grace ? SIGKILL_CODE : SIGTERM_CODE;
    if (milliseconds === 0) return this.exit(code);
    const cancel = this.#clock.after(milliseconds, () => this.exit(code));
    await this.ended;
    cancel();
  }

  update(change: Partial<RuntimeContainer>): void {
    this.#container = { ...this.#container, ...change };
    this.#changed();
  }

  #end(how: Partial<RuntimeContainer>): void {
    this.#cancelExit?.();
    this.update({ state: 'Exited', finishedAt: this.#clock.now(), ...how });
    this.#ended.resolve();
  }
}
