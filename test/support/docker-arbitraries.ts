import fc from 'fast-check';
import { ADDABLE_CAPABILITIES } from '../../agents/adapters/runtime/docker/privileges.ts';
import { container } from '../../api/v1alpha1/container.ts';
import { BUSYBOX_IMAGE } from './docker-engine.ts';

/** Present or absent. */
function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

/** What a C string can hold; the engine stores it as UTF-8, so halves of surrogate pairs are left out. */
const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\0'));
const id = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_000_000 }));

const ports = fc
  .uniqueArray(
    fc.record({
      containerPort: fc.integer({ min: 1, max: 65_535 }),
      protocol: fc.constantFrom('TCP', 'UDP'),
    }),
    {
      selector: ({ containerPort }) => containerPort,
      maxLength: 3,
    },
  )
  .map((all) => all.map((port, index) => ({ ...port, ...(index > 0 && { name: `p${index}` }) })));

const limits = fc.record(
  {
    cpu: fc.oneof(
      fc.integer({ min: 1, max: 64_000 }).map((milli) => `${milli}m`),
      fc.constantFrom('1', '0.25', '2.5'),
    ),
    memory: fc.oneof(
      fc.integer({ min: 6, max: 65_536 }).map((mebibytes) => `${mebibytes}Mi`),
      fc.constantFrom('1G', '1.5Gi', '7000000'),
    ),
  },
  { requiredKeys: [] },
);

const securityContext = fc.record(
  {
    runAsUser: id,
    runAsGroup: id,
    readOnlyRootFilesystem: fc.boolean(),
    allowPrivilegeEscalation: fc.constant(false),
    capabilities: fc.record(
      {
        add: fc.uniqueArray(fc.constantFrom(...ADDABLE_CAPABILITIES), { maxLength: 4 }),
        drop: fc.uniqueArray(fc.constantFrom('ALL', 'CHOWN', 'SETUID', 'NET_RAW'), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

/** Any container spec that a manifest can hold and a grant could allow, of an image that is there. */
export const anyContainer = fc
  .record({
    name: fc.constant('main'),
    image: fc.constant(BUSYBOX_IMAGE),
    command: maybe(fc.constantFrom([], ['sleep', '1000'], ['sh', '-c', 'exec sleep 1000'])),
    args: maybe(fc.array(text, { maxLength: 3 })),
    workingDir: maybe(fc.constantFrom('', '/tmp', '/new/directory')),
    env: maybe(
      fc
        .uniqueArray(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/), { maxLength: 4 })
        .chain((names) => fc.tuple(...names.map((name) => text.map((value) => ({ name, value }))))),
    ),
    ports: maybe(ports),
    resources: maybe(fc.record({ limits })),
    securityContext: maybe(securityContext),
  })
  .map((spec) => container.parse(spec));
