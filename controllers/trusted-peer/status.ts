import type { ConditionInput } from '../../api/meta/condition.ts';
import type { StatusError } from '../../api/meta/status-error.ts';
import { Connected, Granted, Reason } from '../../api/v1alpha1/reasons.ts';
import type { Amounts } from '../../api/v1alpha1/trusted-peer.ts';
import type { TrustedPeer } from '../../api/v1alpha1/types.ts';
import type { StatusFields } from '../core/status-writer.ts';
import { isRelayed, type PeerConnection } from '../ports/transport.ts';

/** What a peer said when it was asked about us. */
export interface Answer {
  /** Its TrustedPeer for us, without what is its own affair. */
  self?: TrustedPeer;
  roundTripMilliseconds?: number;
  refusal?: StatusError;
}

export interface Observation {
  connection: PeerConnection | undefined;
  answer: Answer | undefined;
  usage: Amounts | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** `lastSeen` of a connected peer moves in steps of this size, in milliseconds: a status is not a clock. */
const LAST_SEEN_STEP_MS = 300_000;

/** Pure. */
export function trustedPeerStatus(
  peer: TrustedPeer,
  { connection, answer, usage, now }: Observation,
): { fields: StatusFields<TrustedPeer>; conditions: ConditionInput[] } {
  const self = answer?.self;
  const fields: StatusFields<TrustedPeer> = {
    observedGeneration: peer.metadata.generation,
    address: connection?.address,
    lastSeen: lastSeen(peer, connection !== undefined, now),
    usage,
    ...(self && {
      platform: self.status?.platform,
      agentVersion: self.status?.agentVersion,
      granted: self.spec.grants,
      used: self.status?.usage,
    }),
    // A round trip that wobbles by a millisecond is not news.
    ...(answer?.roundTripMilliseconds !== undefined &&
      peer.status?.roundTripMilliseconds === undefined && {
        roundTripMilliseconds: answer.roundTripMilliseconds,
      }),
  };
  return { fields, conditions: [connected(peer, connection, now), ...granted(answer)] };
}

function lastSeen(peer: TrustedPeer, connected: boolean, now: number): string | undefined {
  const before = peer.status?.lastSeen;
  const wasConnected = peer.status?.conditions?.some(
    ({ type, status }) => type === Connected && status === 'True',
  );
  const stale = before === undefined || now - Date.parse(before) >= LAST_SEEN_STEP_MS;
  const moves = connected ? stale || !wasConnected : wasConnected;
  return moves ? new Date(now).toISOString() : before;
}

function connected(
  { spec }: TrustedPeer,
  connection: PeerConnection | undefined,
  now: number,
): ConditionInput {
  if (spec.expiresAt !== undefined && Date.parse(spec.expiresAt) <= now) {
    return {
      type: Connected,
      status: 'False',
      reason: Reason.Expired,
      message: `trust ended at ${spec.expiresAt}`,
    };
  }
  if (connection) return wayOf(connection);
  const message =
    spec.addresses.length > 0
      ? 'not connected at the moment'
      : 'not connected; it has no address here: it dials us, or a gateway leads to it';
  return { type: Connected, status: 'False', reason: Reason.Disconnected, message };
}

function wayOf({ address, direction }: PeerConnection): ConditionInput {
  const [reason, way] = isRelayed(address)
    ? [Reason.Relayed, 'through a gateway']
    : [Reason.Direct, 'directly'];
  return { type: Connected, status: 'True', reason, message: `connected ${way}, ${direction}` };
}

function granted(answer: Answer | undefined): ConditionInput[] {
  if (answer?.refusal) {
    const { conditionReason: reason, message } = answer.refusal;
    return [{ type: Granted, status: 'False', reason, message }];
  }
  if (!answer?.self) return [];
  const { deploy, logs } = answer.self.spec.grants;
  const names = [deploy && 'deploy', logs && 'logs'].filter((name) => typeof name === 'string');
  if (names.length === 0)
    return [
      {
        type: Granted,
        status: 'False',
        reason: Reason.NotGranted,
        message: 'trusted, but nothing is granted to us',
      },
    ];
  return [
    { type: Granted, status: 'True', reason: Reason.Accepted, message: `granted: ${names.join(', ')}` },
  ];
}
