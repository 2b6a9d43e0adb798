import type { SecureContext } from 'node:tls';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { onAbort } from '../../../../controllers/core/abort.ts';
import type { CertificateState } from '../../../../controllers/ports/certificates.ts';
import type { Clock } from '../../../../controllers/ports/clock.ts';
import type { Logger } from '../../../../controllers/ports/logger.ts';
import type { GatewayCertificates } from '../gateway-certificates.ts';
import { coversName } from '../names.ts';
import { ServedSet } from '../served-set.ts';
import { WantedHosts } from '../wanted-hosts.ts';
import { timeOf } from '../wording.ts';
import { PairFile, type PairPaths } from './pair-file.ts';

export interface FilesInit {
  pairs: readonly PairPaths[];
}

interface Components {
  clock: Clock;
  logger: Logger;
}

/** Looking costs two stat calls a pair. Watching would miss a link that is swapped above the directory it watches. */
const LOOK_MS = 2_000;

/** Certificates that somebody else obtains and renews: certbot, a mounted secret, a company's own authority. */
export class FileCertificates implements GatewayCertificates {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #pairs: PairFile[];
  readonly #served: ServedSet;
  readonly #wanted = new WantedHosts();

  constructor({ clock, logger }: Components, { pairs }: FilesInit) {
    this.#clock = clock;
    this.#logger = logger;
    this.#served = new ServedSet({ clock });
    this.#pairs = pairs.map((paths) => new PairFile(paths));
  }

  /** Rejects when no pair can be served: then it is the command line that is wrong. */
  async start(signal: AbortSignal): Promise<void> {
    this.#look();
    const [first] = this.#pairs;
    if (this.#pairs.every(({ credential }) => !credential))
      throw new Error(
        first
          ? `--tls-cert ${first.paths.cert} with --tls-key ${first.paths.key} cannot be served: ${first.problem}`
          : '--tls files needs at least one --tls-cert with its --tls-key',
      );
    let cancel = () => {};
    const again = () => {
      cancel = this.#clock.after(LOOK_MS, () => {
        this.#look();
        again();
      });
    };
    again();
    onAbort(signal, () => cancel());
  }

  want(hosts: ReadonlySet<string>): void {
    this.#wanted.replace(hosts);
  }

  state(host: string): CertificateState {
    const credential = this.#served.covering(host);
    const problem = credential ? this.#expiry(credential) : `no --tls-cert names ${host}: add one that does`;
    if (problem === undefined) return { ready: true };
    return { ready: false, reason: Reason.CertificateFailed, message: problem };
  }

  onChange(listener: (host: string) => void): () => void {
    return this.#wanted.onChange(listener);
  }

  get served(): ServedSet {
    return this.#served;
  }

  contextFor(serverName: string): SecureContext | undefined {
    return this.#served.contextFor(serverName);
  }

  /** Whoever obtains the certificates answers for them. */
  challengeFor(): undefined {}
  answerTo(): undefined {}

  #look(): void {
    for (const pair of this.#pairs) if (pair.refresh()) this.#changed(pair);
  }

  #changed({ paths, credential, problem }: PairFile): void {
    const { cert, key } = paths;
    if (problem !== undefined) {
      const served = credential ? 'the one before is still served' : 'nothing is served from it';
      this.#logger.error('Certificate cannot be served', { cert, key, error: problem, served });
      return;
    }
    if (!credential) return;
    const before = this.#served.get(cert)?.names ?? [];
    this.#served.put(cert, credential);
    const { names, notAfter } = credential;
    this.#logger.info('Certificate was loaded', { cert, names, expires: timeOf(notAfter) });
    this.#wanted.changed((host) => coversName(names, host) || coversName(before, host));
  }

  #expiry({ notAfter }: { notAfter: number }): string | undefined {
    if (this.#clock.now() < notAfter) return undefined;
    return `its certificate expired at ${timeOf(notAfter)}: renew it where it comes from`;
  }
}
