import { connect, type Socket } from 'node:net';
import { decodeTarget } from '../../../api/protocol/tunnel-target.ts';
import { relay } from '../../adapters/transport/tunnel/relay.ts';
import type { IncomingStream, StreamHandler } from '../../adapters/transport/tunnel/tunnel.ts';
import type { Endpoint, Endpoints } from './endpoints.ts';
import { readFrugally } from './read-frugally.ts';

/** On loopback a container accepts at once, or its queue is full; in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Connects the streams that gateways open to containers, and to nothing else. */
export function answerStreams(endpoints: Pick<Endpoints, 'find'>): StreamHandler {
  return (stream) => {
    const target = decodeTarget(stream.header);
    const found = target ? endpoints.find(target) : 'NoRoute';
    if (typeof found === 'string') stream.refuse(found);
    else join(stream, found);
  };
}

function join(stream: IncomingStream, { port, release }: Endpoint): void {
  const onread = readFrugally((bytes) => socket.push(bytes));
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true, onread });
  const giveUp = () => {
    socket.destroy();
    stream.refuse('ConnectFailed');
  };
  socket.setTimeout(CONNECT_TIMEOUT_MS, giveUp);
  socket.once('error', giveUp);
  socket.once('close', release);
  socket.once('connect', () => {
    socket.setTimeout(0);
    socket.off('error', giveUp);
    relay(stream.accept(), socket);
  });
}
