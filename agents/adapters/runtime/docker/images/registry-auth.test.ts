import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import { registryAuth } from './registry-auth.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('registryAuth', () => {
  let directory: string;
  let file: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'registry-auth-'));
    file = join(directory, 'config.json');
    const auths = {
      'https://index.docker.io/v1/': { auth: base64('hub:secret') },
      'ghcr.io': { auth: base64('alice:a:b:c') },
      'https://registry.example:5000/v2/': { username: 'bob', password: 'secret' },
      'token.example': { identitytoken: 'abc', auth: base64('ignored:') },
      'helper.example': {},
      'odd.example': 'text',
    };
    await writeFile(file, JSON.stringify({ auths, credsStore: 'desktop' }));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it.each([
    ['docker.io', { username: 'hub', password: 'secret', serveraddress: 'https://index.docker.io/v1/' }],
    ['ghcr.io', { username: 'alice', password: 'a:b:c', serveraddress: 'ghcr.io' }],
    [
      'registry.example:5000',
      { username: 'bob', password: 'secret', serveraddress: 'registry.example:5000' },
    ],
    ['token.example', { identitytoken: 'abc', serveraddress: 'token.example' }],
    ['registry.example', undefined],
    ['evil-ghcr.io', undefined],
    ['helper.example', undefined],
    ['odd.example', undefined],
  ])('finds for %s: %j', async (registry, expected) => {
    expect(await registryAuth(file, registry)).toEqual(expected);
  });

  it('says which file cannot be read, and why', async () => {
    const broken = join(directory, 'broken.json');
    await writeFile(broken, '{"auths": {"ghcr.io": {"auth": "c2VjcmV0');
    for (const path of [join(directory, 'absent.json'), broken]) {
      const error: unknown = await registryAuth(path, 'ghcr.io').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ reason: Reason.ImagePullFailed, message: expect.stringContaining(path) });
      expect((error as Error).message).not.toContain('c2VjcmV0');
    }
  });
});
