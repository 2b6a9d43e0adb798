import type { Channel } from '../../../../../controllers/ports/transport.ts';

/** Carries bytes between two channels until both directions have ended; when one breaks, both do. */
export async function pipe(one: Channel, other: Channel): Promise<void> {
  try {
    await Promise.all([pump(one, other), pump(other, one)]);
  } catch (error) {
    one.abort(error as Error);
    other.abort(error as Error);
  }
}

async function pump(from: Channel, to: Channel): Promise<void> {
  for (let chunk = await from.read(); chunk; chunk = await from.read()) await to.write(chunk);
  await to.close();
}
