// Every example and every conformance scenario under the five checkers: frames are conserved until the lab has ended, the
// slab is whole, order is kept, no unicast twice, and who hears whom follows the mode table. What the scripts print is
// for other tests.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NodeHost, Quiet } from '../../src/cli/host.ts';
import { checkKernel } from '../../src/lab/checkers.ts';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel } from '../../src/lab/model.ts';
import { Session } from '../../src/shell/session.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = (path: string): string[] => readdirSync(join(root, path)).sort((a, b) => (a < b ? -1 : 1));

const scripts = [
  ...folder('examples').map((name) => `examples/${name}/lab.sh`),
  ...folder('test/conformance/scenarios').map((name) => `test/conformance/scenarios/${name}`),
].filter((path) => path.endsWith('.sh') && existsSync(join(root, path)));

test.each(scripts)('%s', async (script) => {
  const file = join(root, dirname(script), 'machine.yaml');
  const machine = existsSync(file) ? parseMachine(readFileSync(file, 'utf8'), file) : undefined;
  const model = createModel({ seed: 1, machine });
  const check = checkKernel(model.kernel);
  const session = new Session({
    kernel: model,
    terminal: new Quiet(),
    host: new NodeHost(false, false),
    seed: 1,
    name: script,
    args: [],
    variables: new Map(),
  });
  model.os.nsOfPid = (pid) => session.computer.processes.get(pid)?.ns ?? null;
  await session.run(readFileSync(join(root, script), 'utf8'));
  expect(check.verify()).toEqual([]);
  model.close();
  model.loop.runUntil(model.loop.now + 5e9);
  expect(check.verifyEmpty()).toEqual([]);
});

test('there are labs to check', () => {
  expect(scripts.length).toBeGreaterThan(50);
});
