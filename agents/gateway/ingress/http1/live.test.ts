import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { eventually } from '../../../../test/support/eventually.ts';
import { received } from '../../../../test/support/http-edge.ts';
import { useSite } from '../../../../test/support/http-pages.ts';

/** Bar G5: responses that go on, and connections that become something else. */

const site = useSite();

describe('G5 server-sent events', () => {
  it('come at once, each', async () => {
    const answers: ServerResponse[] = [];
    site.pages['/events'] = (_, answer) => {
      answers.push(answer.writeHead(200, { 'Content-Type': 'text/event-stream' }));
      answer.write('data: 0\n\n');
    };
    const response = await fetch(`${site.url}/events`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (let event = 0; event < 5; event++) {
      expect((await reader.read()).value).toBe(`data: ${event}\n\n`);
      answers[0]!.write(`data: ${event + 1}\n\n`);
    }
    // The container hears when the client leaves.
    const left = once(answers[0]!, 'close');
    await reader.cancel();
    await left;
  });
});

describe('G5 a WebSocket', () => {
  const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

  it('shakes hands and passes frames', async () => {
    site.server.once('upgrade', (question: IncomingMessage, socket) => {
      const accept = createHash('sha1')
        .update(`${question.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.pipe(socket);
    });
    const socket = connect(site.edge.port, '127.0.0.1');
    socket.write(
      `GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(`${head}`).toMatch(
      /^HTTP\/1.1 101 .*\r\n[\s\S]*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/,
    );
    for (const frame of ['\x81\x05hello', '\x82\x01\xff']) {
      socket.write(frame, 'latin1');
      expect(`${((await once(socket, 'data')) as [Buffer])[0].toString('latin1')}`).toBe(frame);
    }
    socket.end();
    await received(socket);
    await eventually(() => expect(site.edge.records.at(-1)).toMatchObject({ status: 101, path: '/chat' }));
  });

  it('by the client that comes with Node', async () => {
    site.server.once('upgrade', (question: IncomingMessage, socket) => {
      const accept = createHash('sha1')
        .update(`${question.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n\x81\x02hi`,
        'latin1',
      );
      socket.resume();
      socket.on('end', () => socket.end());
    });
    const socket = new WebSocket(`${site.url.replace('http', 'ws')}/chat`);
    const [{ data }] = (await once(socket, 'message')) as [MessageEvent];
    expect(data).toBe('hi');
    socket.close();
  });
});
