import { jest } from '@jest/globals';
import { Reason } from '../../../../../api/v1alpha1/reasons.ts';
import type { PullProgress } from '../../../../../controllers/ports/runtime.ts';
import { sharedEngine } from '../../../../../test/support/docker-engine.ts';
import { TestRegistry } from '../../../../../test/support/docker-registry.ts';
import { DockerSandbox } from '../../../../../test/support/docker-sandbox.ts';
import type { DockerRuntimeInit } from '../runtime.ts';

const MB = 1_000_000;
const LOGIN = 'borrower:with:colons';

describe('pulling from a registry', () => {
  jest.setTimeout(60_000);
  const { signal } = new AbortController();
  let dockerHost: string;
  let open: TestRegistry;
  let closed: TestRegistry;

  beforeAll(async () => {
    dockerHost = await sharedEngine();
    [open, closed] = [await TestRegistry.start(dockerHost), await TestRegistry.start(dockerHost, LOGIN)];
  });
  afterAll(async () => {
    await open.stop();
    await closed.stop();
  });

  const runtime = (init: Partial<DockerRuntimeInit> = {}) => new DockerSandbox(dockerHost, init).runtime;

  test('brings an image, its digest and the progress', async () => {
    const reference = await open.push('plain:1', 20 * MB);
    expect(await runtime().image(reference)).toBeUndefined();
    const seen: PullProgress[] = [];
    const pulled = await runtime().pull(reference, { signal, onProgress: (progress) => seen.push(progress) });
    expect(pulled).toEqual({
      id: expect.stringMatching(/^sha256:/),
      digest: expect.stringMatching(new RegExp(`^${open.address}/plain@sha256:[0-9a-f]{64}$`)),
      sizeBytes: 20 * MB,
    });
    expect(await runtime().image(reference)).toEqual(pulled);
    const { currentBytes = 0, totalBytes = 0 } = seen.at(-1) ?? {};
    expect(currentBytes).toBe(totalBytes);
    expect(totalBytes).toBeGreaterThan(20 * MB);
    const current = seen.map((progress) => progress.currentBytes);
    expect(current).toEqual(current.toSorted((a, b) => a - b));
  });

  test('of what is there already is quick and the same', async () => {
    const reference = await open.push('again:1', 1000);
    const first = await runtime().pull(reference, { signal });
    expect(await runtime().pull(reference, { signal })).toEqual(first);
    const digest = first.digest ?? '';
    expect(await runtime().pull(digest, { signal })).toEqual(first);
  });

  test('ends when its signal aborts, and leaves nothing', async () => {
    const reference = await open.push('large:1', 60 * MB);
    const stop = new AbortController();
    const pull = runtime().pull(reference, {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(pull).rejects.toThrow('enough');
    // The engine gets to know by the closed connection; had it gone on, this pull would find the image complete.
    expect(await runtime().image(reference)).toBeUndefined();
  });

  test('ends when it takes too long', async () => {
    const reference = await open.push('slow:1', 60 * MB);
    await expect(runtime({ pullTimeoutMilliseconds: 1 }).pull(reference, { signal })).rejects.toMatchObject({
      reason: Reason.ImagePullFailed,
      message: expect.stringContaining('did not answer in time'),
    });
  });

  test('refuses an image that is larger than allowed, as it travels or as it turns out', async () => {
    const random = await open.push('random:1', 5 * MB);
    const limited = runtime({ maxImageBytes: 4 * MB });
    const refusal = { reason: Reason.ImagePullFailed, terminal: true };
    await expect(limited.pull(random, { signal })).rejects.toMatchObject({
      ...refusal,
      message: expect.stringMatching(/takes at most 4 MiB/),
    });
    const compressible = await open.push('zeros:1', 5 * MB, '/dev/zero');
    await expect(limited.pull(compressible, { signal })).rejects.toMatchObject({
      ...refusal,
      message: expect.stringMatching(/has 5 MiB or more/),
    });
    expect(await limited.image(compressible)).toBeUndefined();
  });

  test('of a tag that does not exist says so', async () => {
    await expect(runtime().pull(`${open.address}/absent:1`, { signal })).rejects.toMatchObject({
      reason: Reason.ImagePullFailed,
      terminal: false,
      message: expect.stringMatching(/absent:1.*no such image: check name and tag/s),
    });
  });

  test('of a private image needs the login of that registry', async () => {
    const reference = await closed.push('private:1', 1000);
    const wanting = { reason: Reason.ImagePullFailed, message: expect.stringContaining('--registry-config') };
    await expect(runtime().pull(reference, { signal })).rejects.toMatchObject(wanting);
    const elsewhere = runtime({ authConfigFile: open.configFile });
    await expect(elsewhere.pull(reference, { signal })).rejects.toMatchObject(wanting);
    const { id } = await runtime({ authConfigFile: closed.configFile }).pull(reference, { signal });
    expect(id).toMatch(/^sha256:/);
  });

  test('says when the registry is not there', async () => {
    await expect(runtime().pull('127.0.0.1:1/web:1', { signal })).rejects.toMatchObject({
      message: expect.stringContaining('the registry cannot be reached from the provider'),
    });
  });

  test('names the image of a container by the digest that was pulled', async () => {
    const sandbox = new DockerSandbox(dockerHost);
    const reference = await open.push('run:1', 1000);
    const { digest } = await sandbox.runtime.pull(reference, { signal });
    try {
      // It holds no program: what counts here is what it is called.
      expect((await sandbox.run({ image: reference, command: ['/data'] })).image).toBe(digest);
    } finally {
      await sandbox.cleanUp();
    }
  });
});
