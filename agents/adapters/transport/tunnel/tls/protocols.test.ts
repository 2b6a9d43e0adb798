import { ALPN_PROTOCOL, protocolsFor, slotOf } from './protocols.ts';

describe('the worker that a provider dials', () => {
  it.each([0, 1, 63, 999])('is known by what is offered: %d', (slot) => {
    expect(protocolsFor(slot)[0]).toBe(ALPN_PROTOCOL);
    expect(slotOf(protocolsFor(slot))).toBe(slot);
  });

  it('is the first where nothing is said', () => {
    expect(protocolsFor(0)).toEqual([ALPN_PROTOCOL]);
    expect(slotOf([ALPN_PROTOCOL])).toBe(0);
  });

  it.each(['', '-1', '01', '1.5', '1e3', '1000', ' 1', '٣', 'NaN', '__proto__'])(
    'is nobody: "%s"',
    (text) => {
      expect(slotOf([ALPN_PROTOCOL, `peercompute-worker/${text}`])).toBeUndefined();
    },
  );

  it('is nobody where two are named', () => {
    expect(slotOf(['peercompute-worker/1', 'peercompute-worker/1'])).toBeUndefined();
  });
});
