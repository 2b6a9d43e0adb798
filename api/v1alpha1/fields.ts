import * as z from 'zod';
import { DNS_LABEL, DNS_SUBDOMAIN, LABEL_VALUE, PEER_ID, QUALIFIED_NAME } from '../meta/names.ts';
import { toBytes, toNanoCPUs } from '../meta/quantity.ts';

/** Field types that several kinds share. */

export const dnsLabel = z
  .string()
  .regex(
    DNS_LABEL,
    'must be lower-case letters, digits and "-", begin and end with a letter or digit, at most 63 characters',
  );

export const objectName = z
  .string()
  .regex(
    DNS_SUBDOMAIN,
    'must be lower-case letters, digits, "-" and ".", begin and end with a letter or digit, at most 253 characters',
  );

export const peerID = z
  .string()
  .regex(
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
  .min(0, 'must not be negative')
  .max(1_000_000, 'must be at most 1000000');

export const port = z
  .int({ error: 'must be a port number' })
  .min(1, 'must be between 1 and 65535')
  .max(65535, 'must be between 1 and 65535');

/** A Linux capability, as Docker and Kubernetes write it. */
export const capability = z
  .string()
  .regex(/^[A-Z][A-Z_]{1,40}$/, 'must be a capability such as NET_BIND_SERVICE, without "CAP_"');

const key = z
  .string()
  .regex(QUALIFIED_NAME, 'it must be [prefix/]name, of letters, digits, "-", "_" and "."');

export const labels = z.record(
  key,
  z.string().regex(LABEL_VALUE, 'must be at most 63 letters, digits, "-", "_", "."'),
);

/** 64 KiB in all would be Kubernetes' 256 KiB; a quarter of it fits our request limit beside a spec. */
export const annotations = z
  .record(key, z.string())
  .refine((all) => JSON.stringify(all).length <= 65_536, 'annotations must not exceed 64 KiB in all');

/** Docker's own floor: a container with less memory cannot start. */
const MIN_MEMORY_BYTES = 6 * 1024 * 1024;

/** YAML writes `cpu: 1` as a number; Kubernetes' type is a string. */
const quantityText = z
  .union([z.string(), z.number()], 'must be a quantity such as 500m or 256Mi')
  .transform((value, context) => {
    if (typeof value === 'string') return value;
    if (Number.isFinite(value) && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return String(value);
    context.addIssue({
      code: 'custom',
      message: `${value} is not a quantity; write for example 500m or 256Mi`,
    });
    return z.NEVER;
  });

export const cpuQuantity = quantityText.superRefine((text, context) => {
  check(context, () => (toNanoCPUs(text) < 1_000_000 ? 'cpu must be at least 1m' : undefined));
});

export const memoryQuantity = quantityText.superRefine((text, context) => {
  check(context, () =>
    toBytes(text) < MIN_MEMORY_BYTES
      ? 'memory must be at least 6Mi, the least Docker starts a container with'
      : undefined,
  );
});

function check(context: z.RefinementCtx, problem: () => string | undefined): void {
  try {
    const message = problem();
    if (message) context.addIssue({ code: 'custom', message });
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as RangeError).message });
  }
}
