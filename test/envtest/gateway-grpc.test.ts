import { once } from 'node:events';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { eventually } from '../support/eventually.ts';
import { ask, useGateway } from '../support/gateway-clients.ts';
import { HOST } from '../support/gateway-data-path.ts';
import { deserialize, type Message, pathOf, Sums, serialize } from '../support/grpc-service.ts';

/** Bar G5: gRPC to a container that was exposed as H2C, through the edge and a tunnel. */

const sums = new Sums();
const gateway = useGateway({ protocol: 'H2C', container: () => sums.start() });
afterAll(() => sums.stop());

let client: Client;
beforeAll(() => {
  const trusting = credentials.createSsl(Buffer.from(gateway.path.ca));
  client = new Client(`127.0.0.1:${gateway.path.ingress.httpsPort}`, trusting, {
    'grpc.ssl_target_name_override': HOST,
    'grpc.default_authority': HOST,
  });
});
afterAll(() => client.close());

interface Answered {
  answer?: Message;
  error?: ServiceError;
  metadata: Metadata;
  trailers: Metadata;
}

function call(name: string, message: Message, { deadlineMs, ...fields }: Record<string, unknown> = {}) {
  const sent = new Metadata();
  for (const [key, value] of Object.entries(fields)) sent.set(key, value as string);
  const options = deadlineMs ? { deadline: Date.now() + Number(deadlineMs) } : {};
  const { promise, resolve } = Promise.withResolvers<Answered>();
  const answered: Answered = { metadata: new Metadata(), trailers: new Metadata() };
  const asked = client.makeUnaryRequest(
    pathOf(name),
    serialize,
    deserialize,
    message,
    sent,
    options,
    (error, answer) => {
      if (error) answered.error = error;
      if (answer) answered.answer = answer;
    },
  );
  asked.once('metadata', (metadata: Metadata) => {
    answered.metadata = metadata;
  });
  asked.once('status', (end: { metadata: Metadata }) => {
    answered.trailers = end.metadata;
    setImmediate(() => resolve(answered));
  });
  return { asked, answered: promise };
}

const ADDED = { value: 1 };

describe('G5 gRPC', () => {
  it('calls, with metadata before and behind the answer', async () => {
    const { metadata, trailers, ...rest } = await call('Double', { value: 21, text: 'ü' }, { 'x-who': 'me' })
      .answered;
    expect(rest).toEqual({ answer: { value: 42, text: 'ü' } });
    expect([metadata.get('x-who'), trailers.get('x-who')]).toEqual([['me'], ['me']]);
  });

  it('gets a status, its words and metadata', async () => {
    const { error, trailers } = await call('Fail', ADDED, { 'x-who': 'me' }).answered;
    expect(error).toMatchObject({ code: status.NOT_FOUND, details: 'no such sum: ½' });
    expect(trailers.get('x-who')).toEqual(['me']);
  });

  it('is told of a method that there is not', async () => {
    expect((await call('Nonsense', ADDED).answered).error?.code).toBe(status.UNIMPLEMENTED);
  });

  it('streams answers', async () => {
    const stream = client.makeServerStreamRequest(pathOf('Count'), serialize, deserialize, { value: 1000 });
    let count = 0;
    for await (const { value } of stream as AsyncIterable<Message>) expect(value).toBe(++count);
    expect(count).toBe(1000);
  });

  it('streams requests', async () => {
    const { promise, resolve } = Promise.withResolvers<Message | undefined>();
    const stream = client.makeClientStreamRequest(pathOf('Sum'), serialize, deserialize, (_, sum) =>
      resolve(sum),
    );
    for (let value = 1; value <= 1000; value++) stream.write({ value });
    stream.end();
    expect(await promise).toEqual({ value: 500_500 });
  });

  it('streams both ways, each answer before the next request', async () => {
    const stream = client.makeBidiStreamRequest(pathOf('Running'), serialize, deserialize);
    for (let value = 1; value <= 3; value++) {
      stream.write({ value });
      expect(await once(stream, 'data')).toEqual([{ value: (value * (value + 1)) / 2 }]);
    }
    stream.end();
    stream.resume();
    expect((await once(stream, 'status'))[0]).toMatchObject({ code: status.OK });
  });

  it('has hundreds of calls under way on one connection', async () => {
    const calls = Array.from({ length: 300 }, (_, value) => call('Double', { value }).answered);
    const answers = await Promise.all(calls);
    expect(answers.map(({ answer }) => answer?.value)).toEqual(answers.map((_, value) => 2 * value));
  });

  it('is told of a failure before it has sent all', async () => {
    const { promise, resolve } = Promise.withResolvers<ServiceError | null>();
    const stream = client.makeClientStreamRequest(pathOf('FailEarly'), serialize, deserialize, resolve);
    stream.write(ADDED);
    expect(await promise).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'one is enough' });
  });

  it('gives up at its deadline, and the container hears of it', async () => {
    const before = sums.cancelled;
    const { error } = await call('Hang', ADDED, { deadlineMs: 100 }).answered;
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
    await eventually(() => expect(sums.cancelled).toBe(before + 1));
  });

  it('cancels, and the container hears of it', async () => {
    const before = sums.cancelled;
    const { asked, answered } = call('Hang', ADDED);
    await eventually(() => expect(sums.hanging).toBe(before + 1));
    asked.cancel();
    expect((await answered).error?.code).toBe(status.CANCELLED);
    await eventually(() => expect(sums.cancelled).toBe(before + 1));
  });

  it('reaches visitors of HTTP/1.1 too, with its trailers', async () => {
    const { stdout } = await gateway.curl(
      '--http1.1',
      ...['-m', '20', '-D', '-', '-H', 'TE: trailers', '-H', 'Content-Type: application/grpc'],
      ...['--data-binary', '\u0001', pathOf('Double')],
    );
    expect(stdout).toMatch(/^HTTP\/1.1 200 .*\r\n[\s\S]*grpc-status: \d+\r\n/i);
  });

  it('is answered before its body has been read, over HTTP/1.1 as well', async () => {
    const upload = gateway.curl('--http1.1', '-m', '10', '-T', '-', '-w', '%{http_code}', pathOf('Nonsense'));
    // Curl may stop reading.
    upload.child.stdin?.on('error', () => undefined).end(Buffer.alloc(4 * 1024 * 1024));
    expect((await upload).stdout).toMatch(/(200|415)$/);
  });

  it('is told that the container is away', async () => {
    gateway.path.runReplicas(0);
    const other = gateway.session();
    const { headers } = await ask(other, pathOf('Double'), { body: 'x', 'content-type': 'application/grpc' });
    expect(headers[':status']).toBe(502);
    other.close();
    gateway.path.runReplicas(1);
    expect((await call('Double', { value: 2 }).answered).answer).toEqual({ value: 4 });
  });
});
