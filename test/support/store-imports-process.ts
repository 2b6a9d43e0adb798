import { registerHooks } from 'node:module';

/** Reads a state directory and says which modules that has loaded. */
const [directory = ''] = process.argv.slice(2);
const loaded = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    loaded.add(resolved.url);
    return resolved;
  },
});
const { DirectoryStore } = await import('../../agents/adapters/store/directory-store.ts');
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => logger };
const clock = { now: Date.now, after: () => ignore };
const store = new DirectoryStore({ clock, logger }, { directory });
const { items } = await store.list('Deployment');
const object = await store.get({ kind: 'Deployment', namespace: 'default', name: 'web' });
console.log(JSON.stringify({ found: [items.length, object?.metadata.name], loaded: [...loaded] }));
