import * as z from 'zod/mini';
import { parseImageReference } from '../meta/image-reference.ts';
import { toBytes, toNanoCPUs } from '../meta/quantity.ts';
import { object, optional, required, withDefault, withDefaults } from '../meta/schema.ts';
import {
  capability,
  count,
  cpuQuantity,
  dnsLabel,
  memoryQuantity,
  port,
  problem,
  shortLabel,
} from './fields.ts';
import { probe } from './probe.ts';

const environmentName = z
  .string()
  .check(
    z.maxLength(256),
    z.regex(
      /^[A-Za-z_][A-Za-z0-9_.-]*$/,
      'must begin with a letter or "_" and hold letters, digits, "_", "." and "-" only',
    ),
  );

/** A NUL ends a C string: what follows it would vanish silently. */
const text = z.string().check(
  z.maxLength(32_768, 'must be at most 32768 characters'),
  z.refine((value) => !value.includes('\0'), 'must not contain a NUL character'),
);

const envVar = object(() => ({
  name: required(environmentName, 'Name of the variable.'),
  value: withDefault(text, '', 'Its value, taken literally: $(OTHER) is not expanded.'),
}));

const containerPort = object(() => ({
  name: optional(shortLabel, 'Name by which probes and expose can refer to the port.'),
  containerPort: required(port, 'Port the process listens on.'),
  protocol: withDefault(z.enum(['TCP', 'UDP']), 'TCP', 'Transport protocol.'),
}));

const limits = object(() => ({
  cpu: withDefault(cpuQuantity, '500m', 'Cores the container may use: 500m is half a core.'),
  memory: withDefault(
    memoryQuantity,
    '256Mi',
    'Bytes the container may use, swap included; beyond it the kernel kills a process (OOMKilled).',
  ),
}));

const requests = object(() => ({
  cpu: optional(cpuQuantity, 'Cores: 500m is half a core.'),
  memory: optional(memoryQuantity, 'Bytes: 256Mi.'),
}));

const resources = object(
  () => ({
    limits: withDefaults(limits, {}, 'What the container can never exceed. Nothing runs without limits.'),
    requests: optional(requests, 'What the container expects to need; must not exceed the limits.'),
  }),
  z.superRefine(({ limits, requests }, context) => {
    if (exceeds(requests?.cpu, limits.cpu, toNanoCPUs))
      context.addIssue({
        code: 'custom',
        path: ['requests', 'cpu'],
        message: `request ${requests?.cpu} exceeds the limit ${limits.cpu}`,
      });
    if (exceeds(requests?.memory, limits.memory, toBytes))
      context.addIssue({
        code: 'custom',
        path: ['requests', 'memory'],
        message: `request ${requests?.memory} exceeds the limit ${limits.memory}`,
      });
  }),
);

const capabilityList = z.array(capability).check(z.maxLength(64));

const capabilities = object(() => ({
  add: optional(capabilityList, 'Capabilities beyond the baseline; the provider must grant each.'),
  drop: optional(capabilityList, 'Baseline capabilities to give up; ALL drops every one.'),
}));

const securityContext = object(() => ({
  runAsUser: optional(count, 'User ID of the process; default: the image decides.'),
  runAsGroup: optional(count, 'Group ID of the process.'),
  runAsNonRoot: optional(z.boolean(), 'Refuse to start as user 0.'),
  readOnlyRootFilesystem: optional(z.boolean(), 'Mount the root file system read-only; /tmp stays writable.'),
  allowPrivilegeEscalation: optional(
    z.literal(false, 'can only be false: no container gains privileges here'),
    'Always false here.',
  ),
  capabilities: optional(capabilities, 'Linux capabilities.'),
}));

const image = z.string().check(problem((reference) => void parseImageReference(reference)));

const argumentList = z.array(text).check(z.maxLength(256));

export const container = object(() => ({
  name: required(dnsLabel, 'Name of the container within the template.'),
  image: required(image, 'Image reference: [registry/]repository[:tag][@digest].'),
  imagePullPolicy: optional(
    z.enum(['Always', 'IfNotPresent', 'Never']),
    'When to pull. Default: Always for :latest or no tag, else IfNotPresent.',
  ),
  command: optional(argumentList, "Replaces the image's entrypoint."),
  args: optional(argumentList, "Replaces the image's command."),
  workingDir: optional(text, "Working directory; default: the image's."),
  env: optional(
    z.array(envVar).check(z.maxLength(512), z.superRefine(uniqueNames)),
    'Environment variables.',
  ),
  ports: optional(
    z.array(containerPort).check(z.maxLength(64), z.superRefine(uniquePorts)),
    'Ports the process listens on.',
  ),
  resources: withDefaults(resources, {}, 'Limits and requests.'),
  startupProbe: optional(probe, 'Until it succeeds, no other probe runs.'),
  readinessProbe: optional(probe, 'While it fails, the replica is not ready and gets no traffic.'),
  livenessProbe: optional(probe, 'When it fails, the container is restarted.'),
  securityContext: optional(
    securityContext,
    'Tightens how the container runs; only a grant of the provider can widen it.',
  ),
}));

export type Container = z.infer<typeof container>;

function exceeds(request: string | undefined, limit: string, measure: (text: string) => number): boolean {
  if (request === undefined) return false;
  try {
    return measure(request) > measure(limit);
  } catch {
    return false; // Not a quantity: the field's own check has said so.
  }
}

function uniqueNames(items: readonly { name: string }[], context: z.core.$RefinementCtx): void {
  items.forEach(({ name }, index) => {
    if (items.findIndex((item) => item.name === name) < index) {
      context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is given twice` });
    }
  });
}

function uniquePorts(items: readonly z.infer<typeof containerPort>[], context: z.core.$RefinementCtx): void {
  items.forEach((item, index) => {
    const earlier = items.slice(0, index);
    if (item.name !== undefined && earlier.some(({ name }) => name === item.name)) {
      context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${item.name}" is given twice` });
    }
    if (
      earlier.some((other) => other.containerPort === item.containerPort && other.protocol === item.protocol)
    ) {
      context.addIssue({
        code: 'custom',
        path: [index, 'containerPort'],
        message: `port ${item.containerPort} is given twice`,
      });
    }
  });
}
