import type { Kind } from '../../../api/kinds.ts';
import type { Labels } from '../../../api/meta/labels.ts';
import { StatusError } from '../../../api/meta/status-error.ts';
import type { Decoded } from '../../../api/scheme.ts';
import { later } from './later.ts';

/** Checks what a patch has made; each throws a StatusError Invalid that names the field. */
export interface Validation {
  /** Answers the spec with its defaults. */
  spec(kind: Kind, spec: unknown): unknown;
  labels(labels: Labels): void;
  annotations(annotations: Labels): void;
}

/** Loads the schemas: only who writes needs them, and a command that reads must start fast. */
export async function loadValidation(): Promise<Validation> {
  const { decode, formatPath, specSchema } = await later.scheme();
  const fields = await later.fields();
  const valid = <T>(decoded: Decoded<T>): T => {
    if (decoded.ok) return decoded.value;
    const messages = decoded.errors.map(({ path, message }) => `${formatPath(path)}: ${message}`);
    throw new StatusError('Invalid', messages.join('; '), {
      field: formatPath(decoded.errors[0]?.path ?? []),
    });
  };
  return {
    spec: (kind, spec) => valid(decode(specSchema(kind), spec, ['spec'])),
    labels: (labels) => void valid(decode(fields.labels, labels, ['metadata', 'labels'])),
    annotations: (all) => void valid(decode(fields.annotations, all, ['metadata', 'annotations'])),
  };
}
