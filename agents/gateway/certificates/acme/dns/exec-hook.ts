import { execFile } from 'node:child_process';
import { deadline } from '../../../../../controllers/core/abort.ts';
import type { Clock } from '../../../../../controllers/ports/clock.ts';
import { foreign } from '../../wording.ts';
import type { DnsRecords, TxtRecord } from './dns-records.ts';

/** Providers' interfaces are slow, and some hooks wait until the record is seen. */
const TIMEOUT_MS = 180_000;

const MAX_OUTPUT_BYTES = 64 * 1024;

/** A program of the operator's: `FILE present|cleanup FQDN VALUE`. No shell reads the arguments. */
export class ExecHook implements DnsRecords {
  readonly #clock: Clock;
  readonly #file: string;

  constructor({ clock }: { clock: Clock }, { file }: { file: string }) {
    this.#clock = clock;
    this.#file = file;
  }

  present(record: TxtRecord, signal: AbortSignal): Promise<void> {
    return this.#run('present', record, signal);
  }

  cleanup(record: TxtRecord, signal: AbortSignal): Promise<void> {
    return this.#run('cleanup', record, signal);
  }

  async #run(verb: string, { fqdn, value }: TxtRecord, signal: AbortSignal): Promise<void> {
    const overdue = () => new Error(`took longer than ${TIMEOUT_MS / 1000} s`);
    const limit = deadline(this.#clock, signal, TIMEOUT_MS, overdue);
    const options = { signal: limit.signal, maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL' } as const;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    execFile(this.#file, [verb, fqdn, value], options, (error, _, stderr) => {
      if (!error) return resolve();
      const { message } = limit.signal.aborted ? (limit.signal.reason as Error) : error;
      const why = stderr.trim() || message;
      reject(new Error(`${this.#file} ${verb} ${fqdn} failed: ${foreign(why)}`, { cause: error }));
    });
    await promise.finally(limit.release);
  }
}
