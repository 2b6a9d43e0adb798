import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { Machines } from './machines.ts';
import { commandOf, HERE } from './programs.ts';

jest.setTimeout(60_000);

let machines: Machines;

beforeAll(async () => {
  machines = await Machines.create();
});

afterAll(() => machines.stop());

describe('a gateway', () => {
  it.each([
    ['--https-port', '2'],
    ['--tunnel-port', '2'],
    ['--tunnel-port', '1'],
  ])('says so and ends when %s is taken, with --workers %s', async (flag, workers) => {
    const hog = createServer().listen(0, '127.0.0.1');
    await once(hog, 'listening');
    const { port: taken } = hog.address() as AddressInfo;
    const ports = {
      '--https-port': 0,
      '--http-port': 0,
      '--tunnel-port': 0,
      '--health-port': 0,
      [flag]: taken,
    };
    const place = { '--state-dir': join(machines.directory, 'second'), '--listen': '127.0.0.1' };
    const flags = { ...place, ...ports, '--domain': 'a.test', '--workers': workers };
    const command = commandOf('gateway', { where: HERE }, Object.entries(flags).flat().map(String));
    const ended = await promisify(execFile)(...command, { timeout: 10_000 }).catch((error) => error);
    hog.close();
    expect([ended.code, ended.killed]).toEqual([1, false]);
    expect(ended.stderr).toMatch(/error: cannot listen on .+/);
  });
});
