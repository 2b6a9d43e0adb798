import fc from 'fast-check';
import { FRAME_TIMEOUT_MS } from '../../../api/protocol/limits.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { channelBetween } from '../../../test/support/rpc-channel.ts';
import { encodeFrame, FrameReader } from './frames.ts';

const MAX_BYTES = 1000;

function setup() {
  const clock = new FakeClock();
  const [alice, bob] = channelBetween();
  return { clock, alice, reader: new FrameReader({ channel: bob, clock }, { maxBytes: MAX_BYTES }) };
}

describe('FrameReader', () => {
  it('reads what encodeFrame wrote, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: MAX_BYTES }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        async (payloads, cuts) => {
          const { alice, reader } = setup();
          const bytes = Buffer.concat(payloads.map((payload) => encodeFrame(payload)));
          const write = async () => {
            for (let at = 0, cut = 0; at < bytes.length; cut++) {
              const length = cuts[cut % cuts.length] ?? 1;
              await alice.write(bytes.subarray(at, at + length));
              at += length;
            }
            await alice.close();
          };
          const written = write();
          for (const payload of payloads) expect(await reader.read()).toEqual(payload);
          expect(await reader.read()).toBeUndefined();
          await written;
        },
      ),
    );
  });

  it('puts the parts of a frame one behind the other', () => {
    expect(encodeFrame(Uint8Array.of(1), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(0, 0, 0, 3, 1, 2, 3));
  });

  it('takes a frame of the largest size and refuses one byte more', async () => {
    const { alice, reader } = setup();
    await alice.write(encodeFrame(new Uint8Array(MAX_BYTES)));
    expect(await reader.read()).toHaveLength(MAX_BYTES);
    await alice.write(encodeFrame(new Uint8Array(MAX_BYTES + 1)));
    await expect(reader.read()).rejects.toMatchObject({
      reason: 'Unauthorized',
      details: { cause: 'BadFrame' },
    });
  });

  it('refuses a frame that is cut off', async () => {
    const { alice, reader } = setup();
    await alice.write(encodeFrame(new Uint8Array(10)).subarray(0, 9));
    await alice.close();
    await expect(reader.read()).rejects.toMatchObject({ details: { cause: 'BadFrame' } });
  });

  it('waits for a first byte for ever, but not for the rest', async () => {
    const { alice, reader, clock } = setup();
    const reading = reader.read();
    await clock.advance(100 * FRAME_TIMEOUT_MS);
    expect(clock.pending).toBe(0);
    await alice.write(Uint8Array.of(0));
    const refused = expect(reading).rejects.toMatchObject({ details: { cause: 'BadFrame' } });
    await clock.advance(FRAME_TIMEOUT_MS);
    await refused;
  });

  it('loses patience with a first byte when told to', async () => {
    const { reader, clock } = setup();
    const lost = expect(reader.read(500)).rejects.toMatchObject({ details: { cause: 'PeerUnreachable' } });
    await clock.advance(500);
    await lost;
  });

  it('rejects when the channel broke, also between two frames', async () => {
    const { alice, reader } = setup();
    alice.abort(new Error('gone'));
    await expect(reader.read()).rejects.toThrow();
  });
});
