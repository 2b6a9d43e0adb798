import * as fc from 'fast-check';
import { generateIdentity } from '../../../identity/identity.ts';
import { decodePunch, encodePunch } from '../punch/messages.ts';
import { decodeHop, decodeStop, encodeHop, encodeStop, Status } from './messages.ts';
import { decode, readVarint, varint } from './protobuf.ts';

const { peerID } = generateIdentity();
const address = '/ip4/203.0.113.7/tcp/4711';

test.each([
  { type: 'reserve' as const },
  { type: 'connect' as const, peer: { peerID } },
  { type: 'status' as const, status: Status.NoReservation },
  { type: 'status' as const, status: Status.OK, peer: { peerID, address }, expiresAt: 1_893_456_000_000 },
])('says to a relay and understands %j', (message) => {
  expect(decodeHop(encodeHop(message))).toEqual(message);
});

test.each([
  { type: 'connect' as const, peer: { peerID } },
  { type: 'status' as const, status: Status.OK },
])('says to the end of a circuit and understands %j', (message) => {
  expect(decodeStop(encodeStop(message))).toEqual(message);
});

test.each([{ type: 'connect' as const, address: '/ip6/2001:db8::7/tcp/4711' }, { type: 'sync' as const }])(
  'says for a hole punch and understands %j',
  (message) => {
    expect(decodePunch(encodePunch(message))).toEqual(message);
  },
);

test('speaks as others do: a request to connect, byte by byte as the specification has it', () => {
  const bytes = Buffer.from(encodeHop({ type: 'connect', peer: { peerID } }));
  // Type 1; a peer of 40 bytes, whose ID takes 38 of them.
  expect(bytes.toString('hex')).toMatch(/^080112280a26002408011220[\da-f]{64}$/);
});

test.each([
  ['nothing', ''],
  ['a type that is none', '0809'],
  ['a request to connect to nobody', '0801'],
  ['a peer whose ID is none', '080112040a020102'],
  ['a number without an end', '08ffffffffffffffffffffff'],
  ['a field that is cut short', '0801127f00'],
  ['a field of another kind', '0d01020304'],
])('refuses %s', (_, hex) => {
  expect(() => decodeHop(Buffer.from(hex, 'hex'))).toThrow(RangeError);
});

test('answers any bytes with a message or a RangeError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const read of [decode, decodeHop, decodeStop, decodePunch]) {
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
    }),
  );
});

test('writes any number so that it is read again', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(readVarint(varint(value), 0)).toMatchObject({ value, end: varint(value).length });
    }),
  );
});
