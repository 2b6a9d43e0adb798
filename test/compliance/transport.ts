import { describeChannels } from './transport-channels.ts';
import { describeConnections } from './transport-connections.ts';
import { type MakeTransport, transportWorld } from './transport-world.ts';

/** What every transport must do. */
export function describeTransport(name: string, make: MakeTransport): void {
  describe(`${name} transport`, () => {
    const world = transportWorld(make);
    describeChannels(world);
    describeConnections(world);
  });
}
