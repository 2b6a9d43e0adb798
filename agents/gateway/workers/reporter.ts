import type { Traffic } from '../../../controllers/ports/router.ts';
import type { DataPlane } from '../data-plane/data-plane.ts';
import { type Counters, GAUGES, newCounters } from '../ingress/http1/observer.ts';
import type { Report } from './messages.ts';

/** Tells what a data plane has counted, piece by piece: what was told survives the process. */
export class Reporter {
  readonly #plane: Pick<DataPlane, 'counters' | 'router'>;
  #counters: Counters = newCounters();
  #traffic: ReadonlyMap<string, Traffic> = new Map();

  constructor(components: { plane: Pick<DataPlane, 'counters' | 'router'> }) {
    this.#plane = components.plane;
  }

  /** What has come since the one before; `hosts` are all that are served. */
  next(hosts: Iterable<string>): Report {
    const cpu = process.cpuUsage();
    return {
      counters: this.#nextCounters(),
      traffic: this.#nextTraffic(hosts),
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    };
  }

  #nextCounters(): Counters {
    const before = this.#counters;
    this.#counters = { ...this.#plane.counters };
    const more = { ...this.#counters };
    for (const name of growing()) more[name] -= before[name];
    return more;
  }

  #nextTraffic(hosts: Iterable<string>): Map<string, Traffic> {
    const before = this.#traffic;
    const now = new Map([...hosts].map((host) => [host, this.#plane.router.traffic(host)]));
    this.#traffic = now;
    const more = [...now].map(([host, traffic]) => [host, minus(traffic, before.get(host))] as const);
    return new Map(more.filter(([, { requests }]) => requests > 0));
  }
}

/** Adds a report to what was told before; of what does not only grow, it is the last word. */
export function addCounters(sum: Counters, more: Counters): void {
  for (const name of growing()) sum[name] += more[name];
  for (const name of GAUGES) sum[name] = more[name];
}

function growing(): (keyof Counters)[] {
  return (Object.keys(newCounters()) as (keyof Counters)[]).filter((name) => !GAUGES.includes(name));
}

/** One that counts less than before was taken away and served again since. */
function minus(now: Traffic, before: Traffic = { requests: 0, errors: 0 }): Traffic {
  if (now.requests < before.requests) return now;
  return { requests: now.requests - before.requests, errors: now.errors - before.errors };
}
