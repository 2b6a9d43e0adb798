/** Why a message is not relayed. `reason` is short, names no secret and may be shown to whoever sent it. */
export interface Rejection {
  readonly kind: 'rejection';
  readonly status: number;
  readonly reason: string;
}

export function rejection(status: number, reason: string): Rejection {
  return Object.freeze({ kind: 'rejection', status, reason });
}
