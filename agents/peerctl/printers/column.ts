/** What a cell may depend on beside its object. */
export interface View {
  /** Milliseconds since the epoch. */
  now: number;
  /** The name under which a peer ID is trusted here, or its beginning. */
  nameOf(peerID: string): string;
  /** The object is gone: this is how it was. */
  deleted: boolean;
}

/** One column of a table, as data. */
export interface Column<T> {
  name: string;
  value(object: T, view: View): string;
  /** Only with `-o wide`. */
  wide?: true;
}

/** Enough of a peer ID to recognise it: all of them begin with the same eight characters. */
export function shortID(peerID: string): string {
  return `${peerID.slice(0, 12)}...`;
}
