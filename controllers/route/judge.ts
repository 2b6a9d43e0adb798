import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { Route, TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { RouteVerifier } from '../ports/verifier.ts';
import { coversHost, generatedHost } from './host.ts';

export interface JudgeComponents {
  verifier: RouteVerifier;
  /** Whom we trust now: neither expired nor being deleted. */
  trusted(peerID: string): TrustedPeer | undefined;
  /** Of the gateway; host names are made below it. */
  domain: string;
}

export type Judgement =
  /** Nothing speaks against it, if this host name can be had. */
  { allowed: true; host: string } | { allowed: false; reason: string; message: string };

/** Whether a Route may be served: who carries it, who asked for it, and which host name that may have. */
export async function judge(components: JudgeComponents, route: Route): Promise<Judgement> {
  const { trusted, verifier, domain } = components;
  const { owner, expose } = route.spec;
  if (!trusted(route.metadata.owner ?? '')?.spec.grants.expose)
    return refuse(
      Reason.NotGranted,
      'the provider has no "expose" grant on the gateway; ask the owner of the gateway to add it',
    );
  const problem = await verifier.verify(route);
  if (problem !== undefined)
    return refuse(
      Reason.SignatureInvalid,
      `${problem}; apply the Deployment again so that its owner signs it`,
    );
  const person = trusted(owner);
  if (expose.host === undefined)
    return { allowed: true, host: generatedHost(route.spec, { domain, ownerName: person?.metadata.name }) };
  if (coversHost(person?.spec.grants.expose?.hosts ?? [], expose.host))
    return { allowed: true, host: expose.host };
  return refuse(
    Reason.HostNotAllowed,
    `the gateway grants you no host ${expose.host}; ask its owner to add it to grants.expose.hosts of your TrustedPeer`,
  );
}

function refuse(reason: string, message: string): Judgement {
  return { allowed: false, reason, message };
}
