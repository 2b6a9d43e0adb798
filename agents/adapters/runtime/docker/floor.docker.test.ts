import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { Container } from '../../../../api/v1alpha1/container.ts';
import { Reason } from '../../../../api/v1alpha1/reasons.ts';
import { RuntimeError } from '../../../../controllers/ports/runtime.ts';
import { anyContainer } from '../../../../test/support/docker-arbitraries.ts';
import { sharedEngine } from '../../../../test/support/docker-engine.ts';
import { expectPolicy } from '../../../../test/support/docker-policy.ts';
import { DockerSandbox } from '../../../../test/support/docker-sandbox.ts';

const SCALE = Number(process.env.PEERCOMPUTE_TEST_SCALE ?? 1);
const SPECS = 25 * SCALE;
/** Containers under way at a time: the engine starts them one after the other anyway. */
const BATCH = 5;

describe('the isolation floor (I1)', () => {
  jest.setTimeout(60_000 + SPECS * 2_000);
  let sandbox: DockerSandbox;
  let cpus: number;
  const { signal } = new AbortController();

  beforeAll(async () => {
    sandbox = new DockerSandbox(await sharedEngine());
    cpus = (await sandbox.runtime.info()).cpus;
  });
  afterAll(() => sandbox.cleanUp());

  /** Runs it, holds what the engine shows against the policy, and takes it away again. */
  async function check(spec: Container): Promise<void> {
    const request = { ...(await sandbox.request()), container: spec };
    // Too little memory to start with, or arguments that no program takes: what was made counts all the same.
    await sandbox.runtime.run(request, signal).catch((error: unknown) => {
      expect(error).toMatchObject({ reason: Reason.StartFailed });
    });
    const { name, drifted } = await sandbox.the(request);
    expectPolicy(await sandbox.inspect(name), spec, cpus);
    expect(drifted).toBe(false);
    await sandbox.runtime.remove(name, 0);
  }

  test(`holds for ${SPECS} random valid specs, and what is made is not drifted`, async () => {
    const batch = fc.array(anyContainer, { minLength: BATCH, maxLength: BATCH });
    const property = fc.asyncProperty(batch, async (specs) => {
      await Promise.all(specs.map(check));
    });
    await fc.assert(property, { numRuns: Math.ceil(SPECS / BATCH), endOnFailure: true });
  });

  test('cannot be left by asking', async () => {
    const asked: [object, string][] = [
      [{ securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }, Reason.CapabilityNotAllowed],
      [{ securityContext: { capabilities: { add: ['ALL'] } } }, Reason.CapabilityNotAllowed],
      [{ securityContext: { runAsNonRoot: true } }, Reason.RunAsRoot],
      [{ securityContext: { runAsNonRoot: true, runAsUser: 0 } }, Reason.RunAsRoot],
    ];
    for (const [spec, reason] of asked) {
      const request = await sandbox.request(spec);
      const error: unknown = await sandbox.runtime.run(request, signal).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RuntimeError);
      expect(error).toMatchObject({ reason, terminal: true });
    }
    expect(await sandbox.runtime.list()).toEqual([]);
  });
});
