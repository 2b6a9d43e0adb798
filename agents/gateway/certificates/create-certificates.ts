import { readFileSync } from 'node:fs';
import type { Clock } from '../../../controllers/ports/clock.ts';
import type { Logger } from '../../../controllers/ports/logger.ts';
import type { Metrics } from '../../../controllers/ports/metrics.ts';
import { AcmeCertificates, type AcmeInit } from './acme/acme-certificates.ts';
import type { DnsRecords } from './acme/dns/dns-records.ts';
import { DynamicUpdate } from './acme/dns/dynamic-update.ts';
import { ExecHook } from './acme/dns/exec-hook.ts';
import { readKeyFile } from './acme/dns/key-file.ts';
import { FileCertificates, type FilesInit } from './files/file-certificates.ts';
import type { GatewayCertificates } from './gateway-certificates.ts';
import { InternalCertificates, type InternalInit } from './internal/internal-certificates.ts';
import { noCertificates } from './off.ts';
import type { DnsOptions } from './options.ts';

export type CertificateOptions =
  | { tls: 'off' }
  | ({ tls: 'files' } & FilesInit)
  | ({ tls: 'internal' } & InternalInit)
  | ({ tls: 'acme'; rootsFile?: string | undefined; dns?: DnsOptions | undefined } & Omit<AcmeInit, 'roots'>);

interface Components {
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/** The certificates that `--tls` asks for. @throws Error that names a file that cannot be used. */
export function createCertificates(components: Components, options: CertificateOptions): GatewayCertificates {
  switch (options.tls) {
    case 'off':
      return noCertificates;
    case 'files':
      return new FileCertificates(components, options);
    case 'internal':
      return new InternalCertificates(components, options);
    case 'acme': {
      const { rootsFile, dns } = options;
      const roots = rootsFile === undefined ? undefined : readFileSync(rootsFile, 'utf8');
      return new AcmeCertificates(
        { ...components, dns: dns && records(components, dns) },
        { ...options, roots },
      );
    }
  }
}

function records(components: Components, dns: DnsOptions): DnsRecords {
  if (dns.by === 'exec') return new ExecHook(components, dns);
  return new DynamicUpdate(components, { ...dns, key: readKeyFile(dns.keyFile) });
}
