import * as z from 'zod/mini';
import { matching, object, optional, required } from '../meta/schema.ts';

/** `peerctl hash-password` writes it: the PHC string of scrypt. Each step of ln doubles what a check costs. */
export const PASSWORD_HASH = /^\$scrypt\$ln=1[0-7],r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;

const passwordHash = matching(
  PASSWORD_HASH,
  'must be a hash of a password, as "peerctl hash-password" prints it',
);

/** RFC 7617: a colon would end it. */
const username = matching(
  /^[\x21-\x39\x3b-\x7e]{1,64}$/,
  'must be 1 to 64 visible characters without a colon',
);

const tokenHash = matching(
  /^sha256:[0-9a-f]{64}$/,
  'must be sha256: and the hash of a token in hex, as "printf %s "$TOKEN" | sha256sum" prints it',
);

const cidr = z.union(
  [z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()],
  'must be a network such as 192.0.2.0/24, or an address',
);

/** Enough for an office in each city; each is looked at for each request. */
const MAX_ENTRIES = 64;

const some = <T extends z.ZodMiniType>(entry: T) =>
  z.array(entry).check(z.minLength(1, 'must not be empty'), z.maxLength(MAX_ENTRIES));

const user = object(() => ({
  username: required(username, 'Name of the user.'),
  passwordHash: required(passwordHash, 'As "peerctl hash-password" prints it.'),
}));

export const access = object(
  () => ({
    allowCIDRs: optional(some(cidr), 'Networks that visitors may come from. Default: every network.'),
    basicAuth: optional(some(user), 'Users who are let in with a password.'),
    bearer: optional(
      some(tokenHash),
      'Tokens that are let in: sha256: and their hash in hex. A token must be random, of 128 bits or more.',
    ),
  }),
  z.refine((rules) => Object.keys(rules).length > 0, 'must have allowCIDRs, basicAuth or bearer'),
);

export type Access = z.infer<typeof access>;
