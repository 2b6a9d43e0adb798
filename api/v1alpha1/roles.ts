/** Label of a TrustedPeer that says what else it is for us: `gateway` carries our exposed Deployments. */
export const ROLE_LABEL = 'peercompute.dev/role';
