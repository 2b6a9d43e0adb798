import { join } from 'node:path';
import { choice, type Flags, parsed, UsageError } from '../daemon/flags.ts';
import type { CertificateOptions } from './certificates/create-certificates.ts';
import { LETS_ENCRYPT, parseDns, parseExternalAccount } from './certificates/options.ts';

const MODES = ['acme', 'internal', 'files', 'off'] as const;

/** Holds the external account of a CA that asks for one: what is on a command line everybody on the machine can read. */
const EAB_VARIABLE = 'PEERCOMPUTE_ACME_EAB';

export const CERTIFICATE_FLAGS = {
  tls: {
    type: 'string',
    value: 'MODE',
    help: `where certificates come from: ${MODES.join(', ')} (default: acme with --acme-email, else internal)`,
  },
  'acme-email': { type: 'string', value: 'ADDRESS', help: 'where the CA may write to' },
  'acme-directory': { type: 'string', default: LETS_ENCRYPT, value: 'URL', help: 'which CA' },
  'acme-ca': {
    type: 'string',
    value: 'FILE',
    help: "authorities that the CA's own server is checked by, PEM",
  },
  'acme-dns': {
    type: 'string',
    value: 'HOW',
    help: 'one certificate for all names by DNS-01: exec:/PATH, or rfc2136:HOST[:PORT],KEYFILE',
  },
  'tls-cert': {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: 'certificate chain, PEM; repeatable, with --tls files',
  },
  'tls-key': {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: 'its private key; one for each --tls-cert',
  },
  'ca-domain': {
    type: 'string',
    multiple: true,
    value: 'DOMAIN',
    help: "further domain that the gateway's own authority may sign for, with --tls internal",
  },
} as const satisfies Flags;

/** What these flags come to on a command line. */
export interface CertificateFlagValues {
  tls?: string | undefined;
  'acme-email'?: string | undefined;
  'acme-directory': string;
  'acme-ca'?: string | undefined;
  'acme-dns'?: string | undefined;
  'tls-cert'?: string[] | undefined;
  'tls-key'?: string[] | undefined;
  'ca-domain'?: string[] | undefined;
}

/** @throws UsageError naming the flag. */
export function certificateOptions(
  values: CertificateFlagValues,
  env: NodeJS.ProcessEnv,
  { domain, stateDirectory }: { domain: string; stateDirectory: string },
): CertificateOptions {
  const email = values['acme-email'];
  const tls = choice('tls', values.tls ?? (email === undefined ? 'internal' : 'acme'), MODES);
  const directory = join(stateDirectory, 'certificates');
  switch (tls) {
    case 'off':
      return { tls };
    case 'files':
      return { tls, pairs: pairs(values) };
    case 'internal':
      return { tls, directory, domain, furtherDomains: values['ca-domain'] ?? [] };
    case 'acme':
      return {
        tls,
        directory,
        domain,
        email,
        directoryURL: parsed('acme-directory', values['acme-directory'], httpsURL) as string,
        rootsFile: values['acme-ca'],
        dns: parsed('acme-dns', values['acme-dns'], parseDns),
        external: externalAccount(env[EAB_VARIABLE]),
      };
  }
}

function pairs({ 'tls-cert': certs = [], 'tls-key': keys = [] }: CertificateFlagValues) {
  if (certs.length === 0) throw new UsageError('--tls files needs --tls-cert and --tls-key');
  if (certs.length !== keys.length) throw new UsageError('--tls-key: there must be one for each --tls-cert');
  return certs.map((cert, index) => ({ cert, key: keys[index] as string }));
}

function httpsURL(text: string): string {
  if (URL.parse(text)?.protocol === 'https:') return text;
  throw new RangeError(`must be a URL that begins with https://, not "${text}"`);
}

function externalAccount(text: string | undefined) {
  if (text === undefined) return undefined;
  try {
    return parseExternalAccount(text);
  } catch (error) {
    throw new UsageError(`$${EAB_VARIABLE}: ${(error as Error).message}`);
  }
}
