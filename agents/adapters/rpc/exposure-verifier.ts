import { canonicalHash } from '../../../api/meta/canonical.ts';
import type { RequestClaims } from '../../../api/protocol/claims.ts';
import type { Route } from '../../../api/v1alpha1/types.ts';
import type { RouteVerifier } from '../../../controllers/ports/verifier.ts';
import { OpenedEnvelopes } from './opened-envelopes.ts';

/**
 * Checks that the owner of a Deployment asked the very provider that carries the Route to expose it so. The gateway
 * sees the hash of the whole spec and the expose section, and nothing else of it.
 */
export class ExposureVerifier implements RouteVerifier {
  readonly #envelopes = new OpenedEnvelopes();

  async verify(route: Route): Promise<string | undefined> {
    const { metadata, spec } = route;
    const opened = await this.#envelopes.open(metadata.uid, spec.owner, spec.envelope);
    return 'problem' in opened ? opened.problem : compare(opened.claims, route);
  }
}

function compare(claims: RequestClaims, { metadata, spec }: Route): string | undefined {
  const { namespace, name, uid, generation } = spec.deployment;
  if ((claims.verb !== 'apply' && claims.verb !== 'patch') || claims.kind !== 'Deployment')
    return 'its owner signed something else than a Deployment';
  if (claims.dryRun) return 'its owner signed a dry run only';
  if (claims.aud !== metadata.owner) return 'its owner signed it for another provider';
  if (claims.uid !== uid || claims.generation !== generation) return 'its owner signed another object';
  if (claims.namespace !== namespace || claims.name !== name)
    return `its owner signed it as ${claims.namespace}/${claims.name}`;
  return claims.expose === canonicalHash(spec.expose) ? undefined : 'its owner signed another expose section';
}
