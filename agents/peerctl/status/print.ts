import { findCondition } from '../../../api/meta/condition.ts';
import { Ready } from '../../../api/v1alpha1/reasons.ts';
import type { Deployment } from '../../../api/v1alpha1/types.ts';
import { age } from '../printers/age.ts';
import { deploymentStatus } from '../printers/deployment-columns.ts';
import { oneLine } from '../printers/escape.ts';
import { objectID } from '../resources.ts';
import type { Colour, Output } from '../streams.ts';
import type { Link } from './chain.ts';

/** The chain to one of the peers. */
export interface PeerChain {
  peer: string;
  links: Link[];
}

const MARKS: Record<Link['state'], { mark: string; colour: Colour }> = {
  ok: { mark: 'ok', colour: 'green' },
  waiting: { mark: '..', colour: 'yellow' },
  broken: { mark: '!!', colour: 'red' },
  unknown: { mark: '--', colour: 'dim' },
};

/** `deployment/db   not ready: CrashLoop` */
export function summary(deployment: Deployment, chains: readonly PeerChain[], now: number): string {
  const { metadata, status } = deployment;
  const ready = findCondition(status?.conditions, Ready);
  const isReady = deploymentStatus(deployment) === 'Ready';
  const url = status?.url ? `, ${status.url}` : '';
  const where = chains.map(({ peer }) => peer).join(', ');
  const state = isReady
    ? `ready on ${where}${ready ? ` for ${age(ready.lastTransitionTime, now)}` : ''}${url}`
    : `not ready: ${deploymentStatus(deployment)}`;
  return oneLine(`deployment/${metadata.name} (${objectID(metadata.uid)})   ${state}`);
}

/** The links below each other, with the peer's name above them where there are several. */
export function printChain(out: Output, { peer, links }: PeerChain, withPeer: boolean): void {
  if (withPeer) out.line(`  on ${oneLine(peer)}`);
  for (const { name, state, detail } of links) {
    const { mark, colour } = MARKS[state];
    out.control(
      `  ${name.padEnd(10)}  ${out.style(mark, colour)}  ${oneLine(detail)}`.trimEnd().concat('\n'),
    );
  }
}
