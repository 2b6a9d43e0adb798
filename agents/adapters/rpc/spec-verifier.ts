import { canonicalHash } from '../../../api/meta/canonical.ts';
import type { RequestClaims } from '../../../api/protocol/claims.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Verifier } from '../../../controllers/ports/verifier.ts';
import { OpenedEnvelopes } from './opened-envelopes.ts';
import type { Signer } from './signed-writer.ts';

/**
 * Checks that the owner signed exactly the spec that is stored. When it did so does not matter: a
 * signature is good for as long as the owner says nothing newer.
 */
export class SpecVerifier implements Verifier {
  readonly #me: string;
  /** What depends on the object is compared every time. */
  readonly #envelopes = new OpenedEnvelopes();

  constructor({ identity }: { identity: Pick<Signer, 'peerID'> }) {
    this.#me = identity.peerID;
  }

  async verify(deployment: Deployment): Promise<string | undefined> {
    const { uid, owner, signature } = deployment.metadata;
    if (!owner || !signature) return 'it carries no signature of its owner';
    const opened = await this.#envelopes.open(uid, owner, signature);
    return 'problem' in opened ? opened.problem : this.#compare(opened.claims, deployment);
  }

  #compare(claims: RequestClaims, { kind, metadata, spec }: Deployment): string | undefined {
    if (claims.verb !== 'apply' && claims.verb !== 'patch')
      return `its owner signed a ${claims.verb}, not a spec`;
    if (claims.dryRun) return 'its owner signed a dry run only';
    if (claims.aud !== this.#me) return 'its owner signed it for another peer';
    if (claims.uid !== metadata.uid || claims.kind !== kind) return 'its owner signed another object';
    if (claims.namespace !== metadata.namespace || claims.name !== metadata.name)
      return `its owner signed it as ${claims.namespace}/${claims.name}`;
    if (claims.result !== canonicalHash(spec)) return 'its spec is not the one that its owner signed';
    return undefined;
  }
}
