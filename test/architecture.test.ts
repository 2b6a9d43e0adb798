import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, matchesGlob, normalize } from 'node:path';
import { COMPUTED, type Import, importsOf } from './support/imports.ts';

/** The dependency rule of docs/architecture.md: who may import what, and why not. */

interface Zone {
  /** Files it is about; the first zone that matches counts. */
  files: string;
  /** What of this project they may import besides their own folder. */
  may: string[];
  /** Modules of Node they may import. Default: all. */
  node?: string[];
  rule: string;
}

const ROOT = join(import.meta.dirname, '..');
const PORTS = ['api/**', 'controllers/ports/**'];
const CORE = [...PORTS, 'controllers/core/**'];

const ZONES: Zone[] = [
  {
    files: 'api/**',
    may: [],
    node: ['node:crypto'],
    rule: 'api is the vocabulary and imports zod, js-yaml and node:crypto only',
  },
  {
    files: 'controllers/ports/**',
    may: PORTS,
    node: ['node:crypto'],
    rule: 'ports are said in the words of api',
  },
  {
    files: 'controllers/core/**',
    may: CORE,
    node: ['node:crypto'],
    rule: 'the engine knows api and ports, not what runs on it',
  },
  {
    files: 'controllers/*/**',
    may: CORE,
    node: ['node:crypto'],
    rule: 'controllers never import one another: they meet through objects in the Store, and touch the world through ports',
  },
  {
    files: 'agents/adapters/{rpc,transport}/**',
    may: [...PORTS, 'agents/adapters/identity/**'],
    rule: 'adapters import api, ports, and of other adapters identity only',
  },
  {
    files: 'agents/adapters/system/**',
    may: [...PORTS, 'package.json'],
    rule: 'adapters import api and ports, never another adapter',
  },
  { files: 'agents/adapters/*/**', may: PORTS, rule: 'adapters import api and ports, never another adapter' },
  {
    files: 'agents/*/**',
    may: ['api/**', 'controllers/**', 'agents/adapters/**', 'agents/daemon/**'],
    rule: 'programs assemble controllers and adapters, and never import each other; what those that run for ever share is agents/daemon',
  },
];

/** One package, one home. The first pattern that matches counts. */
const HOMES: [packages: string, homes: string[]][] = [
  ['zod', ['api/**']],
  ['js-yaml', ['api/**']],
  ['chokidar', ['agents/adapters/store/**']],
  ['dockerode', ['agents/adapters/runtime/docker/**']],
  ['pino', ['agents/adapters/system/**']],
  ['{libp2p,@libp2p/*,@chainsafe/*,@multiformats/*}', ['agents/adapters/{transport,identity}/**']],
  ['@kubernetes/client-node', ['agents/adapters/runtime/kubernetes/**']],
];

/** The API checks itself against Kubernetes' own shapes, which costs nothing at run time. */
const TYPE_HOMES: [packages: string, homes: string[]][] = [['@kubernetes/client-node', ['api/**']]];

/** Undefined when `file` may import this; otherwise a sentence. */
function objection(file: string, { specifier, typeOnly }: Import): string | undefined {
  const sentence = (rule: string) => `${file} imports ${specifier}: ${rule}`;
  const zone = ZONES.find(({ files }) => matchesGlob(file, files));
  if (!zone) return sentence('it stands where no rule is written for it');
  if (specifier === COMPUTED) return sentence('an import must name its module');
  if (specifier.startsWith('.')) {
    const target = normalize(join(dirname(file), specifier));
    if (isTest(target)) return sentence('what runs needs no test');
    const allowed = [`${folderOf(file)}/**`, ...zone.may].some((glob) => matchesGlob(target, glob));
    return allowed ? undefined : sentence(zone.rule);
  }
  if (isBuiltin(specifier) && specifier.startsWith('node:'))
    return zone.node && !zone.node.includes(specifier) ? sentence(zone.rule) : undefined;
  return atHome(file, packageOf(specifier), typeOnly, sentence);
}

function atHome(file: string, name: string, typeOnly: boolean, sentence: (rule: string) => string) {
  const homes = [...HOMES, ...(typeOnly ? TYPE_HOMES : [])].filter(([packages]) =>
    matchesGlob(name, packages),
  );
  if (homes.length === 0) return sentence('one package, one home, and this one has none yet');
  const globs = homes.flatMap(([, files]) => files);
  return globs.some((glob) => matchesGlob(file, glob))
    ? undefined
    : sentence(`one package, one home: that of ${name} is ${globs.join(' and ')}`);
}

/** What belongs together: `controllers/sync`, `agents/adapters/rpc`, `agents/peerctl`, `api`. */
function folderOf(file: string): string {
  const depth = file.startsWith('api/') ? 1 : file.startsWith('agents/adapters/') ? 3 : 2;
  return file.split('/').slice(0, depth).join('/');
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function sourceFiles(): string[] {
  return ['api', 'controllers', 'agents']
    .flatMap((top) =>
      readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' }).map((file) => `${top}/${file}`),
    )
    .filter((file) => file.endsWith('.ts') && !isTest(file));
}

/** Tests, and what they alone use, may import anything. */
function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || file.startsWith('test/');
}

describe('the dependency rule', () => {
  it('is kept', () => {
    const objections = sourceFiles().flatMap((file) =>
      importsOf(readFileSync(join(ROOT, file), 'utf8')).flatMap((found) => objection(file, found) ?? []),
    );
    expect(objections).toEqual([]);
  });

  it.each([
    ['api/yaml.ts', 'js-yaml'],
    ['api/meta/canonical.ts', 'node:crypto'],
    ['api/v1alpha1/deployment.ts', '../meta/names.ts'],
    ['controllers/core/workqueue.ts', '../ports/clock.ts'],
    ['controllers/deployment/plan.ts', './back-off.ts'],
    ['controllers/deployment/reconciler.ts', '../core/controller.ts'],
    ['controllers/deployment/reconciler.ts', '../../api/meta/object.ts'],
    ['agents/adapters/rpc/envelope.ts', '../identity/identity.ts'],
    ['agents/adapters/runtime/docker/runtime.ts', 'dockerode'],
    ['agents/adapters/transport/libp2p/node.ts', '@chainsafe/libp2p-noise'],
    ['agents/adapters/transport/libp2p/node.ts', '@libp2p/crypto/keys'],
    ['agents/adapters/store/directory-store.ts', 'node:fs'],
    ['agents/peercomputed/assemble.ts', '../adapters/store/directory-store.ts'],
    ['agents/peercomputed/assemble.ts', '../../controllers/core/manager.ts'],
    ['agents/gateway/run.ts', '../daemon/daemon.ts'],
  ])('lets %s import %s', (file, specifier) => {
    expect(objection(file, { specifier, typeOnly: false })).toBeUndefined();
  });

  it.each([
    ['api/yaml.ts', 'node:fs', 'api is the vocabulary'],
    ['api/kinds.ts', '../controllers/ports/store.ts', 'api is the vocabulary'],
    ['api/kinds.ts', 'chokidar', 'one package, one home: that of chokidar is agents/adapters/store/**'],
    ['controllers/ports/store.ts', '../core/controller.ts', 'ports are said in the words of api'],
    ['controllers/core/manager.ts', '../sync/reconciler.ts', 'the engine knows'],
    ['controllers/core/manager.ts', '../../agents/adapters/system/clock.ts', 'the engine knows'],
    ['controllers/sync/reconciler.ts', '../deployment/plan.ts', 'controllers never import one another'],
    ['controllers/sync/reconciler.ts', 'node:fs/promises', 'controllers never import one another'],
    ['controllers/sync/reconciler.ts', 'zod', 'one package, one home: that of zod is api/**'],
    ['agents/adapters/store/lease.ts', '../identity/identity.ts', 'adapters import api and ports'],
    ['agents/adapters/rpc/logs.ts', '../transport/memory/network.ts', 'of other adapters identity only'],
    ['agents/adapters/rpc/logs.ts', '../../../controllers/core/sleep.ts', 'of other adapters identity only'],
    ['agents/adapters/identity/identity.ts', '../rpc/envelope.ts', 'adapters import api and ports'],
    [
      'agents/adapters/runtime/kubernetes/runtime.ts',
      'dockerode',
      'that of dockerode is agents/adapters/runtime/docker/**',
    ],
    ['agents/peerctl/main.ts', '../peercomputed/options.ts', 'programs assemble'],
    ['agents/peerctl/main.ts', '../../test/support/fake-clock.ts', 'what runs needs no test'],
    ['agents/peerctl/main.ts', 'libp2p', 'one package, one home'],
    ['agents/peerctl/main.ts', 'left-pad', 'has none yet'],
    ['agents/peerctl/main.ts', 'fs', 'has none yet'],
    ['agents/peerctl/main.ts', COMPUTED, 'an import must name its module'],
  ])('does not let %s import %s', (file, specifier, rule) => {
    const sentence = objection(file, { specifier, typeOnly: false });
    expect(sentence).toContain(`${file} imports ${specifier}: `);
    expect(sentence).toContain(rule);
  });

  it("lets the API compare itself with Kubernetes' types, and with nothing that runs", () => {
    const specifier = '@kubernetes/client-node';
    expect(objection('api/v1alpha1/container.ts', { specifier, typeOnly: true })).toBeUndefined();
    expect(objection('api/v1alpha1/container.ts', { specifier, typeOnly: false })).toContain('one home');
    expect(objection('controllers/sync/status.ts', { specifier, typeOnly: true })).toContain('one home');
  });

  it('sees every way to name a module', () => {
    const text = `
      import a from 'a'; import 'b'; import type { C } from 'c'; import { type D } from 'd';
      export * from 'e'; export { f } from 'f'; export type { G } from 'g';
      const h = await import('h'), i = await import(\`i\`), j = await import(name), k = require('k');
      import l = require('l'); type M = import('m').M; export const n = 'not this';`;
    const found = importsOf(text).map(({ specifier, typeOnly }) => `${typeOnly ? 'type ' : ''}${specifier}`);
    expect(found).toEqual([
      'a',
      'b',
      'type c',
      'd',
      'e',
      'f',
      'type g',
      'h',
      'i',
      COMPUTED,
      'k',
      'l',
      'type m',
    ]);
  });
});
