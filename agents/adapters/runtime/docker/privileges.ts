import type { Container } from '../../../../api/v1alpha1/container.ts';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { RuntimeError } from '../../../../controllers/ports/runtime.ts';

/** What the entrypoints of common images need to hand their files to a user and to become that user. */
export const BASELINE_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'] as const;

/**
 * What a grant may add: what the Pod Security Standards allow at their level Baseline. Every other capability
 * reaches beyond the container, so no grant can give it.
 */
export const ADDABLE_CAPABILITIES: readonly string[] = [
  ...BASELINE_CAPABILITIES,
  'AUDIT_WRITE',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETPCAP',
  'SYS_CHROOT',
];

/**
 * The capabilities a container holds, sorted.
 * @throws RuntimeError CapabilityNotAllowed
 */
export function capabilitiesOf({ securityContext }: Container): string[] {
  const { add = [], drop = [] } = securityContext?.capabilities ?? {};
  const forbidden = add.filter((capability) => !ADDABLE_CAPABILITIES.includes(capability));
  if (forbidden.length > 0)
    throw new RuntimeError(
      Reason.CapabilityNotAllowed,
      `no container may have ${forbidden.join(', ')}; what can be granted is ${ADDABLE_CAPABILITIES.join(', ')}`,
      { terminal: true },
    );
  const kept = drop.includes('ALL')
    ? []
    : BASELINE_CAPABILITIES.filter((capability) => !drop.includes(capability));
  return [...new Set([...kept, ...add])].sort();
}

/**
 * Whom the process runs as, in Docker's form `user[:group]`; empty for root.
 * @throws RuntimeError RunAsRoot when root is refused and the user is root or cannot be told.
 */
export function userOf({ securityContext }: Container, imageUser: string): string {
  const [name = '', group = ''] = imageUser.split(':');
  const user = securityContext?.runAsUser?.toString() ?? name;
  // A user of its own does not inherit the group that the image chose for another one.
  const inherited = securityContext?.runAsUser === undefined ? group : '';
  const groupID = securityContext?.runAsGroup?.toString() ?? inherited;
  if (securityContext?.runAsNonRoot) refuseRoot(user);
  return groupID === '' ? user : `${user || '0'}:${groupID}`;
}

function refuseRoot(user: string): void {
  const isRoot = user === '' || user === 'root' || /^0+$/.test(user);
  if (!isRoot && /^\d+$/.test(user)) return;
  const who = isRoot ? 'as root' : `as "${user}", which may be root under another name`;
  throw new RuntimeError(
    Reason.RunAsRoot,
    `runAsNonRoot is set and the image runs ${who}: set runAsUser to a number above 0`,
    { terminal: true },
  );
}
