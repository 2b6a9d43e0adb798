import { Class, decodeMessage, encodeMessage, encodeText, Opcode, Type } from './message.ts';
import { objectionTo, signMessage, type TsigKey } from './tsig.ts';

/** Of nobody. What follows was signed with it by BIND 9.18. */
const KEY = {
  name: 'gateway.example',
  algorithm: 'hmac-sha256',
  secret: Buffer.from('0123456789abcdef0123456789abcdef'),
} as const;

/** Our update, the answer of `named`, and when that was. */
const UPDATED_AT = 1_795_376_523_000;
const ANSWER_OF_NAMED = Buffer.from(
  'EjSoAAABAAAAAAABB2V4YW1wbGUDY29tAAAGAAEHZ2F0ZXdheQdleGFtcGxlAAD6AP8AAAAAAD0LaG1hYy1zaGEyNTYAAABrA0WLASwAID7Kn9PM' +
    'oG/3F2/2/9Bj4YZEeoXCsa6X6cN9IH40zr8tEjQAAAAA',
  'base64',
);

/** What `nsupdate` sent for the same update, with its own id and time. */
const NSUPDATE_AT = 1_795_376_524_000;
const NSUPDATE_ID = 0x4d5c;
const REQUEST_OF_NSUPDATE = Buffer.from(
  'TVwoAAABAAAAAQABB2V4YW1wbGUDY29tAAAGAAEPX2FjbWUtY2hhbGxlbmdlAmd3B2V4YW1wbGUDY29tAAAQAAEAAAA8AAYFcHJvb2YHZ2F0ZXdheQ' +
    'dleGFtcGxlAAD6AP8AAAAAAD0LaG1hYy1zaGEyNTYAAABrA0WMASwAICOPhilmAoRQ8mgCcg/4xutAtKBl1if4LWCIziF7yKCmTVwAAAAA',
  'base64',
);

function update(id: number): Buffer {
  const question = { name: 'example.com', type: Type.soa, class: Class.in };
  const record = { name: '_acme-challenge.gw.example.com', type: Type.txt, class: Class.in, ttl: 60 };
  return encodeMessage({
    id,
    opcode: Opcode.update,
    question,
    updates: [{ ...record, data: encodeText('proof') }],
  });
}

describe('a signed DNS message', () => {
  it('is byte for byte what nsupdate sends', () => {
    const { message } = signMessage(update(NSUPDATE_ID), KEY, NSUPDATE_AT);
    expect(message.toString('hex')).toBe(REQUEST_OF_NSUPDATE.toString('hex'));
    expect(objectionTo(message, KEY, NSUPDATE_AT)).toBeUndefined();
  });

  it('is believed when it is the answer of BIND to ours', () => {
    const { mac } = signMessage(update(0x1234), KEY, UPDATED_AT);
    expect(objectionTo(ANSWER_OF_NAMED, KEY, UPDATED_AT, mac)).toBeUndefined();
  });

  it('is not believed when any bit of it was changed', () => {
    const { mac } = signMessage(update(0x1234), KEY, UPDATED_AT);
    for (let bit = 16; bit < ANSWER_OF_NAMED.length * 8; bit++) {
      const forged = Buffer.from(ANSWER_OF_NAMED);
      forged[bit >> 3]! ^= 1 << (bit & 7);
      // In names the case of a letter says nothing.
      if (spelled(forged) === spelled(ANSWER_OF_NAMED)) continue;
      expect(verdict(forged, mac)).not.toBe('believed');
    }
  });

  it.each<[what: string, changes: { mac?: Buffer; key?: TsigKey; at?: number }, why: string]>([
    ['to another request', { mac: Buffer.alloc(32) }, 'its signature is wrong'],
    ['of another key', { key: { ...KEY, secret: Buffer.from('other') } }, 'its signature is wrong'],
    ['of a key of another name', { key: { ...KEY, name: 'other' } }, 'it is not signed with our key'],
    ['of another time', { at: UPDATED_AT + 301_000 }, 'it was signed at another time: check the clocks'],
  ])('is not believed when it is one %s', (_, { mac, key = KEY, at = UPDATED_AT }, why) => {
    const ours = signMessage(update(0x1234), KEY, UPDATED_AT).mac;
    expect(objectionTo(ANSWER_OF_NAMED, key, at, mac ?? ours)).toBe(why);
  });
});

function spelled(bytes: Buffer): string {
  return bytes.toString('latin1').toLowerCase();
}

function verdict(bytes: Buffer, mac: Buffer): string {
  try {
    return objectionTo(bytes, KEY, UPDATED_AT, mac) ?? 'believed';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a DNS message', () => {
  it('is read as it was written', () => {
    const { id, questions, authorities, additionals } = decodeMessage(REQUEST_OF_NSUPDATE);
    expect(id).toBe(NSUPDATE_ID);
    expect(questions).toEqual([{ name: 'example.com', type: Type.soa, class: Class.in }]);
    expect(authorities).toMatchObject([
      { name: '_acme-challenge.gw.example.com', ttl: 60, data: encodeText('proof') },
    ]);
    expect(additionals).toMatchObject([{ name: 'gateway.example', type: Type.tsig, class: Class.any }]);
  });

  it('that leads in circles or ends too early is refused', () => {
    const circle = Buffer.concat([
      Buffer.from('000000000001000000000000', 'hex'),
      Buffer.from('c00c', 'hex'),
    ]);
    expect(() => decodeMessage(circle)).toThrow('leads in circles');
    for (let length = 0; length < ANSWER_OF_NAMED.length; length++)
      expect(() => decodeMessage(ANSWER_OF_NAMED.subarray(0, length))).toThrow();
  });
});
