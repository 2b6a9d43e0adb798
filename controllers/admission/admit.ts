import { imageMatches, parseImageReference } from '../../api/meta/image-reference.ts';
import type { DeploymentSpec } from '../../api/v1alpha1/deployment.ts';
import { Reason } from '../../api/v1alpha1/reasons.ts';
import type { DeployGrant } from '../../api/v1alpha1/trusted-peer.ts';
import { forbidden } from './authorize.ts';

/** Capabilities every container has unless it drops them; asking for one of these needs no grant. */
const BASELINE: readonly string[] = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETUID', 'SETGID'];

/**
 * Whether a grant covers what a spec asks for, quantities aside.
 * @throws StatusError `Forbidden` naming the field.
 */
export function checkPolicy(spec: DeploymentSpec, grant: DeployGrant): void {
  spec.template.spec.containers.forEach((container, index) => {
    const field = `spec.template.spec.containers[${index}]`;
    const image = parseImageReference(container.image);
    if (!grant.images.some((pattern) => imageMatches(pattern, image))) {
      const allowed = grant.images.join(', ') || 'none';
      throw forbidden(
        Reason.ImageNotAllowed,
        `image ${container.image} is not among the images allowed here: ${allowed}`,
        `${field}.image`,
      );
    }
    for (const capability of container.securityContext?.capabilities?.add ?? []) {
      if (BASELINE.includes(capability) || grant.capabilities.includes(capability)) continue;
      throw forbidden(
        Reason.CapabilityNotAllowed,
        `capability ${capability} is not granted here; ask the machine's owner to add it to your grant`,
        `${field}.securityContext.capabilities.add`,
      );
    }
  });
}
