import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Clock } from '../../../controllers/ports/clock.ts';
import { shortID } from '../printers/column.ts';
import { oneLine } from '../printers/escape.ts';
import type { Output } from '../streams.ts';
import { type Milestone, milestones } from './milestones.ts';

/** Characters between the brackets of a bar. */
const BAR = 16;

const ERASE_LINE = '\r\x1b[2K';

/** Shows on a terminal what the peers have reached, one line each; a pull under way redraws its own line. */
export class Progress {
  readonly #out: Output;
  readonly #clock: Clock;
  readonly #signer: string;
  readonly #startedAt: number;
  readonly #shown = new Set<string>();
  #drawn = false;

  constructor({ out, clock }: { out: Output; clock: Clock }, { signer }: { signer: string }) {
    this.#out = out;
    this.#clock = clock;
    this.#signer = signer;
    this.#startedAt = clock.now();
  }

  show(deployment: Deployment): void {
    if (!this.#out.isTerminal) return;
    for (const milestone of milestones(deployment, shortID(this.#signer))) this.#once(deployment, milestone);
    this.#pull(deployment);
  }

  /** Leaves the cursor at the beginning of a line. */
  end(): void {
    if (this.#drawn) this.#out.control(ERASE_LINE);
    this.#drawn = false;
  }

  #once({ metadata }: Deployment, { peer, word, detail }: Milestone): void {
    const key = JSON.stringify([metadata.uid, metadata.generation, peer, word, detail]);
    if (this.#shown.has(key)) return;
    this.#shown.add(key);
    this.end();
    const seconds = ((this.#clock.now() - this.#startedAt) / 1000).toFixed(1);
    const text = `  ${oneLine(peer)}  ${word.padEnd(9)}  ${oneLine(detail)}`;
    this.#out.control(`${text.padEnd(60)}  ${this.#out.style(`${seconds} s`, 'dim')}\n`);
  }

  #pull({ spec, status }: Deployment): void {
    const { pull } = status ?? {};
    if (!pull) return;
    const peer = spec.placement.peers.length === 1 ? spec.placement.peers[0] : 'a peer';
    const line = `  ${peer}  pulling    ${oneLine(pull.image)}  ${bar(pull.current, pull.total)}`;
    this.#out.control(ERASE_LINE + line.slice(0, this.#out.columns - 1));
    this.#drawn = true;
  }
}

/** `[=========>      ] 11.2/18.4 MB` */
export function bar(current: number, total: number): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  if (total === 0) return `${megabytes(current)} MB`;
  const filled = Math.min(BAR, Math.floor((current / total) * BAR));
  const drawn = filled === BAR ? '='.repeat(BAR) : `${'='.repeat(filled)}>`.slice(0, BAR).padEnd(BAR);
  return `[${drawn}] ${megabytes(current)}/${megabytes(total)} MB`;
}
