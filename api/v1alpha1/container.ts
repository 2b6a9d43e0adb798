import * as z from 'zod';
import { parseImageReference } from '../meta/image-reference.ts';
import { toBytes, toNanoCPUs } from '../meta/quantity.ts';
import { capability, count, cpuQuantity, dnsLabel, memoryQuantity, port } from './fields.ts';
import { probe } from './probe.ts';

const environmentName = z
  .string()
  .max(256)
  .regex(
    /^[A-Za-z_][A-Za-z0-9_.-]*$/,
    'must begin with a letter or "_" and hold letters, digits, "_", "." and "-" only',
  );

/** A NUL ends a C string: what follows it would vanish silently. */
const text = z
  .string()
  .max(32_768, 'must be at most 32768 characters')
  .refine((value) => !value.includes('\0'), 'must not contain a NUL character');

const envVar = z.strictObject({
  name: environmentName.describe('Name of the variable.'),
  value: text.default('').describe('Its value, taken literally: $(OTHER) is not expanded.'),
});

const containerPort = z.strictObject({
  name: dnsLabel.max(15).optional().describe('Name by which probes and expose can refer to the port.'),
  containerPort: port.describe('Port the process listens on.'),
  protocol: z.enum(['TCP', 'UDP']).default('TCP').describe('Transport protocol.'),
});

const quantities = {
  cpu: cpuQuantity.optional().describe('Cores: 500m is half a core.'),
  memory: memoryQuantity.optional().describe('Bytes: 256Mi.'),
};

const resources = z
  .strictObject({
    limits: z
      .strictObject({
        cpu: cpuQuantity.default('500m').describe('Cores the container may use: 500m is half a core.'),
        memory: memoryQuantity
          .default('256Mi')
          .describe(
            'Bytes the container may use, swap included; beyond it the kernel kills a process (OOMKilled).',
          ),
      })
      .prefault({})
      .describe('What the container can never exceed. Nothing runs without limits.'),
    requests: z
      .strictObject(quantities)
      .optional()
      .describe('What the container expects to need; must not exceed the limits.'),
  })
  .superRefine(({ limits, requests }, context) => {
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
  });

const securityContext = z.strictObject({
  runAsUser: count.optional().describe('User ID of the process; default: the image decides.'),
  runAsGroup: count.optional().describe('Group ID of the process.'),
  runAsNonRoot: z.boolean().optional().describe('Refuse to start as user 0.'),
  readOnlyRootFilesystem: z
    .boolean()
    .optional()
    .describe('Mount the root file system read-only; /tmp stays writable.'),
  allowPrivilegeEscalation: z
    .literal(false, 'can only be false: no container gains privileges here')
    .optional()
    .describe('Always false here.'),
  capabilities: z
    .strictObject({
      add: z
        .array(capability)
        .max(64)
        .optional()
        .describe('Capabilities beyond the baseline; the provider must grant each.'),
      drop: z
        .array(capability)
        .max(64)
        .optional()
        .describe('Baseline capabilities to give up; ALL drops every one.'),
    })
    .optional()
    .describe('Linux capabilities.'),
});

export const container = z.strictObject({
  name: dnsLabel.describe('Name of the container within the template.'),
  image: z
    .string()
    .superRefine(imageProblem)
    .describe('Image reference: [registry/]repository[:tag][@digest].'),
  imagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .optional()
    .describe('When to pull. Default: Always for :latest or no tag, else IfNotPresent.'),
  command: z.array(text).max(256).optional().describe("Replaces the image's entrypoint."),
  args: z.array(text).max(256).optional().describe("Replaces the image's command."),
  workingDir: text.optional().describe("Working directory; default: the image's."),
  env: z.array(envVar).max(512).superRefine(uniqueNames).optional().describe('Environment variables.'),
  ports: z
    .array(containerPort)
    .max(64)
    .superRefine(uniquePorts)
    .optional()
    .describe('Ports the process listens on.'),
  resources: resources.prefault({}).describe('Limits and requests.'),
  startupProbe: probe.optional().describe('Until it succeeds, no other probe runs.'),
  readinessProbe: probe.optional().describe('While it fails, the replica is not ready and gets no traffic.'),
  livenessProbe: probe.optional().describe('When it fails, the container is restarted.'),
  securityContext: securityContext
    .optional()
    .describe('Tightens how the container runs; only a grant of the provider can widen it.'),
});

export type Container = z.infer<typeof container>;

function exceeds(request: string | undefined, limit: string, measure: (text: string) => number): boolean {
  if (request === undefined) return false;
  try {
    return measure(request) > measure(limit);
  } catch {
    return false; // Not a quantity: the field's own check has said so.
  }
}

function imageProblem(image: string, context: z.RefinementCtx): void {
  try {
    parseImageReference(image);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as RangeError).message });
  }
}

function uniqueNames(items: readonly { name: string }[], context: z.RefinementCtx): void {
  items.forEach(({ name }, index) => {
    if (items.findIndex((item) => item.name === name) < index) {
      context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is given twice` });
    }
  });
}

function uniquePorts(items: readonly z.infer<typeof containerPort>[], context: z.RefinementCtx): void {
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
