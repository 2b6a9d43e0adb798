import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BIG, useSite } from '../../../../test/support/http-pages.ts';

/** Bar G5: what curl does, through the edge. */

const run = promisify(execFile);
const site = useSite();

describe('G5 curl', () => {
  const start = (...args: readonly string[]) =>
    run('curl', ['-sS', '--max-time', '10', ...args], { maxBuffer: 10_000_000 });
  const curl = async (...args: readonly string[]) => (await start(...args)).stdout;

  it('uploads in chunks', async () => {
    const upload = start('-T', '-', '-H', 'Expect: 100-continue', `${site.url}/echo`);
    upload.child.stdin?.end(BIG);
    expect((await upload).stdout).toBe(BIG.toString());
    expect(site.seen.headers['transfer-encoding']).toBe('chunked');
  });

  it('asks for a range', async () => {
    expect(await curl('-r', '10-19', `${site.url}/range`)).toBe('abcdefghij');
  });

  it('asks for the head', async () => {
    expect(await curl('-I', `${site.url}/big`)).toMatch(
      /^HTTP\/1.1 200 OK\r\n[\s\S]*Content-Length: 300000\r\n/i,
    );
  });

  it('speaks HTTP/1.0', async () => {
    expect(await curl('-0', `${site.url}/big`)).toBe(BIG.toString());
    expect(site.seen.httpVersion).toBe('1.0');
  });

  it('asks for HTTP/2, and is answered in HTTP/1.1', async () => {
    expect(await curl('--http2', '-w', '%{http_version}', '-o', '/dev/null', `${site.url}/big`)).toBe('1.1');
    expect(site.seen.headers).not.toHaveProperty('http2-settings');
  });

  it('asks twice over one connection', async () => {
    const two = await curl(
      '-w',
      '%{num_connects}\n',
      '-o',
      '/dev/null',
      '-o',
      '/dev/null',
      `${site.url}/big`,
      `${site.url}/big`,
    );
    expect(two).toBe('1\n0\n');
  });
});
