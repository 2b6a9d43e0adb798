import * as z from 'zod/mini';
import { DNS_LABEL, DNS_SUBDOMAIN, LABEL_VALUE, PEER_ID, QUALIFIED_NAME } from '../meta/names.ts';
import { toBytes, toNanoCPUs } from '../meta/quantity.ts';
import { matching } from '../meta/schema.ts';

/** Field types that several kinds share. */

export const dnsLabel = matching(
  DNS_LABEL,
  'must be lower-case letters, digits and "-", begin and end with a letter or digit, at most 63 characters',
);

export const objectName = matching(
  DNS_SUBDOMAIN,
  'must be lower-case letters, digits, "-" and ".", begin and end with a letter or digit, at most 253 characters',
);

export const peerID = matching(
  PEER_ID,
  'must be an Ed25519 peer ID: 12D3KooW and 44 base58 characters; "peerctl identity" prints it',
);

export const timestamp = z.iso.datetime({
  offset: true,
  error: 'must be an RFC 3339 time such as 2027-01-01T00:00:00Z',
});

/** A whole number that JSON carries unchanged. */
export const count = z
  .int({ error: 'must be a whole number' })
  .check(z.minimum(0, 'must not be negative'), z.maximum(1_000_000, 'must be at most 1000000'));

export const port = z
  .int({ error: 'must be a port number' })
  .check(z.minimum(1, 'must be between 1 and 65535'), z.maximum(65535, 'must be between 1 and 65535'));

/** The name of a port, or of anything else whose name is as short. */
export const shortLabel = dnsLabel.check(z.maxLength(15));

/** A Linux capability, as Docker and Kubernetes write it. */
export const capability = matching(
  /^[A-Z][A-Z_]{1,40}$/,
  'must be a capability such as NET_BIND_SERVICE, without "CAP_"',
);

const key = matching(QUALIFIED_NAME, 'it must be [prefix/]name, of letters, digits, "-", "_" and "."');

export const labels = z.record(
  key,
  matching(LABEL_VALUE, 'must be at most 63 letters, digits, "-", "_", "."'),
);

/** 64 KiB in all would be Kubernetes' 256 KiB; a quarter of it fits our request limit beside a spec. */
export const annotations = z
  .record(key, z.string())
  .check(
    z.refine((all) => JSON.stringify(all).length <= 65_536, 'annotations must not exceed 64 KiB in all'),
  );

/** Docker's own floor: a container with less memory cannot start. */
const MIN_MEMORY_BYTES = 6 * 1024 * 1024;

/** YAML writes `cpu: 1` as a number; Kubernetes' type is a string. */
const quantityText = z.pipe(
  z.union([z.string(), z.number()], 'must be a quantity such as 500m or 256Mi'),
  z.transform((value: string | number, { issues }) => {
    if (typeof value === 'string') return value;
    if (Number.isFinite(value) && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return String(value);
    const message = `${value} is not a quantity; write for example 500m or 256Mi`;
    issues.push({ code: 'custom', input: value, message });
    return z.NEVER;
  }),
);

export const cpuQuantity = quantityText.check(
  problem((text) => (toNanoCPUs(text) < 1_000_000 ? 'cpu must be at least 1m' : undefined)),
);

export const memoryQuantity = quantityText.check(
  problem((text) =>
    toBytes(text) < MIN_MEMORY_BYTES
      ? 'memory must be at least 6Mi, the least Docker starts a container with'
      : undefined,
  ),
);

/** Checks a text by a function that says what is wrong with it, or throws it as a RangeError. */
export function problem(find: (text: string) => string | undefined): z.core.$ZodCheck<string> {
  return z.superRefine((text, context) => {
    const message = messageOf(() => find(text));
    if (message) context.addIssue({ code: 'custom', message });
  });
}

function messageOf(find: () => string | undefined): string | undefined {
  try {
    return find();
  } catch (error) {
    return (error as RangeError).message;
  }
}
