import { Chaos } from './deployment-chaos.ts';
test('many', async () => {
  const from = Number(process.env.FROM), to = Number(process.env.TO);
  const bad: string[] = [];
  for (let seed = from; seed < to; seed++) {
    const chaos = new Chaos(seed);
    try {
      await chaos.run();
      if (chaos.violations.length) bad.push(`${seed} violation ${chaos.violations[0]!.slice(0, 200)}`);
      if (chaos.world.runtime.foreignTouched.length) bad.push(`${seed} foreign`);
      const second = await chaos.world.secondPass();
      if (second.runtime || second.store) bad.push(`${seed} second ${JSON.stringify(second)}`);
      await chaos.world.stop();
      if (chaos.world.clock.pending) bad.push(`${seed} pending ${chaos.world.clock.pending}`);
    } catch (e) { bad.push(`${seed} ${(await chaos.complaints()).join(';')} ${String(e).slice(0, 80)}`); }
  }
  const { writeFileSync } = await import('node:fs');
  writeFileSync(`/tmp/many-${from}.txt`, bad.join('\n') + `\ndone ${to - from}\n`);
}, 3_600_000);
