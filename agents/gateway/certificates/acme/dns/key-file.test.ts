import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readKeyFile } from './key-file.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp('/tmp/pc-key-');
});

afterAll(() => rm(directory, { recursive: true }));

async function read(text: string) {
  const file = join(directory, 'key');
  await writeFile(file, text);
  return readKeyFile(file);
}

describe('a TSIG key file', () => {
  it.each([
    'key "gw.example" {\n\talgorithm hmac-sha256;\n\tsecret "c2VjcmV0";\n};\n',
    'key gw.example. { algorithm HMAC-SHA256; secret c2VjcmV0; };',
  ])('is read as BIND writes it: %j', async (text) => {
    expect(await read(text)).toEqual({
      name: 'gw.example',
      algorithm: 'hmac-sha256',
      secret: Buffer.from('secret'),
    });
  });

  it('is refused with a weak algorithm or without a key, and its secret is not told', async () => {
    await expect(read('key a { algorithm hmac-md5; secret "c2VjcmV0"; };')).rejects.toThrow(
      /the algorithm is hmac-md5; use/,
    );
    await expect(read('secret "c2VjcmV0";')).rejects.toThrow(/holds no TSIG key: make one with tsig-keygen$/);
  });
});
