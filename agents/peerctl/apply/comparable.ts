import type { Kind } from '../../../api/kinds.ts';
import type { DeploymentSpec } from '../../../api/v1alpha1/deployment.ts';
import type { AnyObject } from '../../../api/v1alpha1/types.ts';
import { toYaml } from '../../../api/yaml.ts';
import type { Applicable } from '../../../controllers/ports/store.ts';
import { toManifest } from '../manifest.ts';

type Comparable = AnyObject | Applicable<Kind>;

/**
 * Two states of an object as YAML, for people to compare: without bookkeeping, and with the values of
 * environment variables masked, so that they show that they differ and not what they are.
 */
export function comparable(before: Comparable | undefined, after: Comparable | undefined): [string, string] {
  const values = [before, after].map((object) => new Map(variables(object)));
  const text = (object: Comparable | undefined, other: number, word: string) =>
    object
      ? toYaml(
          toManifest(
            masked(object, (name, value) => mask(value, values[other]?.get(name), word)) as AnyObject,
          ),
        )
      : '';
  return [text(before, 1, 'before'), text(after, 0, 'after')];
}

function mask(value: string, other: string | undefined, word: string): string {
  return other === undefined || value === other ? '***' : `*** (${word})`;
}

function masked(object: Comparable, maskValue: (name: string, value: string) => string): Comparable {
  const { spec } = object;
  if (!isDeploymentSpec(spec)) return object;
  const containers = spec.template.spec.containers.map((container) => ({
    ...container,
    ...(container.env && {
      env: container.env.map(({ name, value }) => ({ name, value: maskValue(name, value) })),
    }),
  }));
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
  return { ...object, spec: { ...spec, template } } as Comparable;
}

function variables(object: Comparable | undefined): [string, string][] {
  if (!object || !isDeploymentSpec(object.spec)) return [];
  const { containers } = object.spec.template.spec;
  return containers.flatMap(({ env = [] }) => env.map(({ name, value }): [string, string] => [name, value]));
}

function isDeploymentSpec(spec: Comparable['spec']): spec is DeploymentSpec {
  return 'template' in spec;
}
