import { describeTunnelChaos } from './tunnel-chaos.ts';
import { describeTunnelFlow } from './tunnel-flow.ts';
import { describeTunnelLife } from './tunnel-life.ts';
import { describeTunnelStreams } from './tunnel-streams.ts';
import { type MakeTunnel, tunnelWorld } from './tunnel-world.ts';

/** What every tunnel must do, whatever it runs over. */
export function describeTunnel(name: string, make: MakeTunnel): void {
  describe(`a tunnel over ${name}`, () => {
    const world = tunnelWorld(make);
    describeTunnelStreams(world);
    describeTunnelFlow(world);
    describeTunnelLife(world);
    describeTunnelChaos(world);
  });
}
