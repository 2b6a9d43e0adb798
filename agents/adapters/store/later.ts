/** What only some of a store's work needs: a command that reads must start fast. */
export const later = {
  yaml: () => import('../../../api/yaml.ts'),
  scheme: () => import('../../../api/scheme.ts'),
  fields: () => import('../../../api/v1alpha1/fields.ts'),
  patch: () => import('./patch.ts'),
  chokidar: () => import('chokidar'),
};

/** All of it now, for whoever may still run when an update has replaced the files that it is loaded from. */
export async function loadAll(): Promise<void> {
  await Promise.all(Object.values(later).map((load) => load()));
}
