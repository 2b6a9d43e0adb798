import { API_GROUP } from '../../../../api/kinds.ts';
import { DNS_LABEL, PEER_ID } from '../../../../api/meta/names.ts';
import type { ContainerIdentity } from '../../../../controllers/ports/runtime.ts';

export type Labels = Record<string, string>;

/** What we write on containers and networks beside the identity. */
export const Label = {
  /** Peer ID of the agent that made it: others never touch it. */
  agent: `${API_GROUP}/agent`,
  owner: `${API_GROUP}/owner`,
  namespace: `${API_GROUP}/namespace`,
  uid: `${API_GROUP}/uid`,
  /** ID of the image it was made from; a copy made with "docker commit" carries our labels, but another image. */
  imageID: `${API_GROUP}/image-id`,
  /** What {@link RuntimeContainer.image} answers. */
  image: `${API_GROUP}/image`,
  /** `name=port` of each named port, for probes. */
  portNames: `${API_GROUP}/port-names`,
  /** The isolation floor and limits that it was made with, as JSON; see floor.ts. */
  floor: `${API_GROUP}/floor`,
} as const;

interface Codec {
  label: string;
  pattern: RegExp;
  numeric?: boolean;
}

const COUNT = /^(0|[1-9]\d{0,8})$/;

const IDENTITY: Record<keyof ContainerIdentity, Codec> = {
  owner: { label: Label.owner, pattern: new RegExp(`^$|${PEER_ID.source}`) },
  uid: { label: Label.uid, pattern: /^[0-9A-Za-z-]{1,64}$/ },
  namespace: { label: Label.namespace, pattern: DNS_LABEL },
  deployment: { label: `${API_GROUP}/deployment`, pattern: DNS_LABEL },
  ordinal: { label: `${API_GROUP}/ordinal`, pattern: COUNT, numeric: true },
  templateHash: { label: `${API_GROUP}/template-hash`, pattern: /^[0-9a-z]{1,64}$/ },
  attempt: { label: `${API_GROUP}/attempt`, pattern: COUNT, numeric: true },
  backoffLevel: { label: `${API_GROUP}/backoff-level`, pattern: COUNT, numeric: true },
};

const FIELDS = Object.keys(IDENTITY) as (keyof ContainerIdentity)[];

/** @throws RangeError for what could not be read back: such a container would be lost to us. */
export function encodeIdentity(agentID: string, identity: ContainerIdentity): Labels {
  const entries = FIELDS.map((field) => {
    const { label, pattern } = IDENTITY[field];
    const text = String(identity[field]);
    if (!pattern.test(text)) throw new RangeError(`${field} "${text}" cannot be the identity of a container`);
    return [label, text] as const;
  });
  return { [Label.agent]: agentID, ...Object.fromEntries(entries) };
}

/** The identity of a container of this agent; undefined when any part is missing or malformed. */
export function decodeIdentity(agentID: string, labels: Labels): ContainerIdentity | undefined {
  if (labels[Label.agent] !== agentID) return undefined;
  const values = FIELDS.map((field) => [field, decodeField(IDENTITY[field], labels)] as const);
  if (values.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(values) as unknown as ContainerIdentity;
}

function decodeField({ label, pattern, numeric }: Codec, labels: Labels): string | number | undefined {
  const text = labels[label];
  if (text === undefined || !pattern.test(text)) return undefined;
  return numeric ? Number(text) : text;
}
