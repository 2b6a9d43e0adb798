import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { eventually } from './eventually.ts';
import { closeServer, listen, startRaw } from './http-edge.ts';

/** A request as another parser than ours understood it. */
export interface JudgedRequest {
  method: string;
  url: string;
  headers: IncomingMessage['rawHeaders'];
  body: string;
  trailers: IncomingMessage['rawTrailers'];
  /** Whether its end was seen. */
  complete: boolean;
}

/**
 * An upstream that notes every byte it gets, and has Node's own parser (llhttp) say how many requests these are.
 * It answers each with 200 and its number.
 */
export interface Judge {
  port: number;
  requests: JudgedRequest[];
  /** What it got, one entry per connection. */
  bytes: string[];
  /** What llhttp could not read. */
  complaints: string[];
  /** Forgets what came so far, once all connections are closed. */
  clear(): Promise<void>;
  /** Waits until all connections are closed. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function startJudge(): Promise<Judge> {
  const requests: JudgedRequest[] = [];
  const bytes: string[] = [];
  const complaints: string[] = [];
  let open = 0;
  const server = createServer({ maxHeaderSize: 64 * 1024, requireHostHeader: true }, (request, response) =>
    judge(request, response, requests),
  );
  server.on('upgrade', (request, socket) => {
    judge(request, undefined, requests);
    // Nobody else reads it, and the server does not close it.
    socket.on('error', () => undefined).on('end', () => socket.destroy());
    socket.resume();
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A client that leaves in the middle is no misunderstanding.
    if (error.code !== 'ECONNRESET' && error.code !== 'HPE_INVALID_EOF_STATE')
      complaints.push(`${error.code}`);
    socket.destroy();
  });
  const judgePort = await listen(server);
  const recorder = await startRaw((socket) => {
    const index = bytes.push('') - 1;
    const next = connect({ port: judgePort, host: '127.0.0.1', allowHalfOpen: true });
    open++;
    socket.on('data', (part) => {
      bytes[index] += part.toString('latin1');
    });
    next.on('error', () => socket.destroy());
    socket.on('close', () => next.destroy());
    next.on('close', () => {
      open--;
      socket.destroy();
    });
    socket.pipe(next).pipe(socket);
  });
  const settle = () => eventually(() => open === 0);
  return {
    port: recorder.port,
    requests,
    bytes,
    complaints,
    settle,
    clear: async () => {
      await settle();
      for (const list of [requests, bytes, complaints]) list.length = 0;
    },
    close: async () => {
      await recorder.close();
      server.closeAllConnections();
      await closeServer(server);
    },
  };
}

function judge(
  request: IncomingMessage,
  response: ServerResponse | undefined,
  requests: JudgedRequest[],
): void {
  const { method = '', url = '', rawHeaders: headers } = request;
  const judged: JudgedRequest = { method, url, headers, body: '', trailers: [], complete: false };
  const number = requests.push(judged);
  request.setEncoding('latin1');
  request.on('data', (part: string) => {
    judged.body += part;
  });
  request.on('error', () => undefined);
  request.on('end', () => {
    judged.complete = true;
    judged.trailers = request.rawTrailers;
    response?.end(`${number}`);
  });
}
