import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const MODULE = JSON.stringify(join(import.meta.dirname, 'memory.ts'));

/** How large the space for new objects is, in bytes, after a busy second of a program that begins with `first`. */
function spaceAfterWork(first: string): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    ${first}
    let kept = [];
    for (let i = 0; i < 3e6; i++) { kept.push({ i, s: 'x' + i }); if (kept.length > 2e5) kept = []; }
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { env: {} }));
}

describe('stayLean', () => {
  it('keeps the space for new objects from growing', () => {
    const lean = spaceAfterWork(`import { stayLean } from ${MODULE}; stayLean();`);
    expect(lean).toBeLessThan(spaceAfterWork('') / 4);
  });
});
