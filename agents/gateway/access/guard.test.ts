import { createHash } from 'node:crypto';
import type { Access } from '../../../api/v1alpha1/access.ts';
import { PASSWORD_HASH } from '../../../api/v1alpha1/access.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { hashPassword, isPassword } from '../../adapters/system/password-hash.ts';
import { Guard } from './guard.ts';
import { Guards } from './guards.ts';
import { PasswordCheck } from './password-check.ts';

const HOME = '192.0.2.7';
const TOKEN = 'k9Zq.secret~token_1';
const tokenHash = `sha256:${createHash('sha256').update(TOKEN).digest('hex')}`;

let passwordHash: string;
let clock: FakeClock;

beforeAll(async () => {
  passwordHash = await hashPassword('pässword');
});

beforeEach(() => {
  clock = new FakeClock();
});

function guard(rules: Access): Guard {
  return new Guard({ clock, passwords: new PasswordCheck({ clock }) }, { host: 'web.example.com', rules });
}

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** The status of the answer; 200 for who is let in. */
async function status(of: Guard, authorization?: string, address = HOME): Promise<number> {
  return (await of.check({ address, authorization }))?.status ?? 200;
}

describe('networks', () => {
  test.each([
    ['192.0.2.0/24', HOME, 200],
    ['192.0.2.0/24', '192.0.3.1', 403],
    ['192.0.2.7', HOME, 200],
    ['192.0.2.7', '192.0.2.8', 403],
    ['2001:db8::/32', '2001:db8:1::1', 200],
    ['2001:db8::/32', '2001:db9::1', 403],
    ['2001:db8::/32', HOME, 403],
    ['0.0.0.0/0', '2001:db8::1', 403],
    ['192.0.2.0/24', 'unknown', 403],
  ])('%s and a visitor from %s: %i', async (cidr, address, expected) => {
    expect(await status(guard({ allowCIDRs: [cidr] }), undefined, address)).toBe(expected);
  });
});

describe('credentials', () => {
  const both = () => guard({ basicAuth: [{ username: 'ann', passwordHash }], bearer: [tokenHash] });

  test.each([
    ['the right password', () => basic('ann', 'pässword'), 200],
    ['the right password, written in another form', () => basic('ann', 'pa\u0308ssword'), 200],
    ['a wrong password', () => basic('ann', 'password'), 401],
    ['a user whom nobody has', () => basic('bob', 'pässword'), 401],
    ['no colon', () => `Basic ${Buffer.from('ann').toString('base64')}`, 401],
    ['the right token', () => `Bearer ${TOKEN}`, 200],
    ['the scheme in small letters', () => `bearer ${TOKEN}`, 200],
    ['a wrong token', () => `Bearer ${TOKEN}x`, 401],
    ['the hash of a token', () => `Bearer ${tokenHash}`, 401],
    ['another scheme', () => 'Digest username="ann"', 401],
    ['a header without end', () => `Bearer ${'x'.repeat(100_000)}`, 401],
    ['nothing', () => undefined, 401],
  ])('%s', async (_, authorization, expected) => {
    expect(await status(both(), authorization())).toBe(expected);
  });

  it('says how to log in', async () => {
    const challenge = async (rules: Access) =>
      (await guard(rules).check({ address: HOME, authorization: undefined }))?.headers;
    expect(await challenge({ basicAuth: [{ username: 'ann', passwordHash }] })).toEqual({
      'WWW-Authenticate': 'Basic realm="web.example.com", charset="UTF-8"',
    });
    expect(await challenge({ bearer: [tokenHash] })).toEqual({ 'WWW-Authenticate': 'Bearer' });
  });

  it('counts a password that was right as right for a while, without looking again', async () => {
    const one = both();
    expect(await status(one, basic('ann', 'pässword'))).toBe(200);
    expect(one.check({ address: HOME, authorization: basic('ann', 'pässword') })).toBeUndefined();
    await clock.advance(600_000);
    expect(one.check({ address: HOME, authorization: basic('ann', 'pässword') })).toBeInstanceOf(Promise);
  });

  it('lets nobody guess for long, and others in meanwhile', async () => {
    const one = both();
    for (let guess = 0; guess < 10; guess++) expect(await status(one, `Bearer ${guess}`)).toBe(401);
    expect(await status(one, `Bearer ${TOKEN}`)).toBe(429);
    expect(await status(one, `Bearer ${TOKEN}`, '198.51.100.1')).toBe(200);
    await clock.advance(6_000);
    expect(await status(one, `Bearer ${TOKEN}`)).toBe(200);
  });

  it('does not let a crowd of guesses take all of the machine', async () => {
    const one = both();
    const crowd = Array.from({ length: 100 }, (_, index) =>
      status(one, basic('ann', `${index}`), `10.0.0.${index}`),
    );
    const answers = await Promise.all(crowd);
    expect(new Set(answers)).toEqual(new Set([401, 429]));
    expect(answers.filter((answer) => answer === 401).length).toBeLessThan(40);
    expect(await status(one, basic('ann', 'pässword'))).toBe(200);
  });
});

describe('the guards of host names', () => {
  it('keep count of guesses as long as the rules stay', async () => {
    const guards = new Guards({ clock });
    const rules: Access = { bearer: [tokenHash] };
    guards.update([{ host: 'a', access: rules }, { host: 'b' }]);
    const first = guards.of('a');
    guards.update([{ host: 'a', access: structuredClone(rules) }]);
    expect([guards.of('a'), guards.of('b')]).toEqual([first, undefined]);
    expect(guards.of('a')).toBe(first);
    guards.update([{ host: 'a', access: { ...rules, allowCIDRs: ['10.0.0.0/8'] } }]);
    expect(guards.of('a')).not.toBe(first);
    guards.update([]);
    expect(guards.of('a')).toBeUndefined();
  });
});

describe('the hash of a password', () => {
  it('is of the form that a manifest may hold, another each time, and knows its password', async () => {
    const again = await hashPassword('pässword');
    expect(again).toMatch(PASSWORD_HASH);
    expect(again).not.toBe(passwordHash);
    expect([await isPassword('pässword', again), await isPassword('Pässword', again)]).toEqual([true, false]);
  });
});
