import { canonicalHash } from '../../../api/meta/canonical.ts';
import { isStatusError } from '../../../api/meta/status-error.ts';
import { type RequestClaims, requestClaims } from '../../../api/protocol/claims.ts';
import { REQUEST_DOMAIN } from '../../../api/protocol/protocols.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import type { Verifier } from '../../../controllers/ports/verifier.ts';
import { openClaims } from './envelope.ts';
import type { Signer } from './signed-writer.ts';

/** Signatures remembered: as many as a machine may hold Deployments, at about 2 KiB each. */
const MAX_REMEMBERED = 4096;

/** Either what a signature says, or why it says nothing. */
type Opened = { claims: RequestClaims } | { problem: string };

/**
 * Checks that the owner signed exactly the spec that is stored. When it did so does not matter: a
 * signature is good for as long as the owner says nothing newer.
 */
export class SpecVerifier implements Verifier {
  readonly #me: string;
  /** By owner and signature, oldest first. What depends on the object is compared every time. */
  readonly #opened = new Map<string, Opened>();

  constructor({ identity }: { identity: Pick<Signer, 'peerID'> }) {
    this.#me = identity.peerID;
  }

  async verify(deployment: Deployment): Promise<string | undefined> {
    const { owner, signature } = deployment.metadata;
    if (!owner || !signature) return 'it carries no signature of its owner';
    const opened = await this.#open(owner, signature);
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

  async #open(owner: string, signature: string): Promise<Opened> {
    const key = `${owner} ${signature}`;
    const known = this.#opened.get(key);
    if (known) return known;
    const opened = await open(owner, signature);
    this.#opened.set(key, opened);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size > MAX_REMEMBERED && oldest !== undefined) this.#opened.delete(oldest);
    return opened;
  }
}

async function open(owner: string, signature: string): Promise<Opened> {
  try {
    const envelope = Buffer.from(signature, 'base64');
    return { claims: await openClaims(REQUEST_DOMAIN, requestClaims, envelope, owner) };
  } catch (error) {
    if (isStatusError(error, 'Unauthorized')) return { problem: error.message };
    throw error;
  }
}
