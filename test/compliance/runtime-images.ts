import { Reason } from '../../api/v1alpha1/reasons.ts';
import { expectReason, type RuntimeContext } from './runtime-context.ts';

/** Images that are there, and pulls. */
export function describeImages(on: RuntimeContext): void {
  describe('images', () => {
    test('finds one that is there and no other', async () => {
      expect(await on.runtime.image(on.fixture.image)).toEqual(
        expect.objectContaining({ id: expect.stringMatching(/^sha256:/), sizeBytes: expect.any(Number) }),
      );
      expect(await on.runtime.image(on.fixture.absentImage)).toBeUndefined();
    });

    test('says by name why a pull failed', async () => {
      const pull = on.runtime.pull(on.fixture.absentImage, { signal: on.signal });
      await expectReason(pull, Reason.ImagePullFailed, on.fixture.absentImage);
    });

    test('ends a pull whose signal aborted', async () => {
      on.abort(new Error('enough'));
      await expect(on.runtime.pull(on.fixture.absentImage, { signal: on.signal })).rejects.toThrow('enough');
    });
  });
}
