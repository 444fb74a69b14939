import { expect, test } from 'vitest';
import { createModel } from '../lab/model.ts';
import { Session } from './session.ts';

/** Runs a script in a fresh model; what it printed on both streams. */
async function run(script: string): Promise<string> {
  let text = '';
  const write = (_: 'out' | 'err', part: string): void => {
    text += part;
  };
  const session = new Session({ kernel: createModel({ seed: 1 }), terminal: { write, isTty: false, columns: 80 } });
  await session.run(script);
  return text;
}

const network = `ip netns add a; ip link add v0 type veth peer name v1 netns a
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip -n a addr add 10.0.0.2/24 dev v1; ip -n a link set v1 up\n`;

test.each([
  ['ip netns exec a ping -q 10.0.0.1', 'INT', 'rc=0'],
  ['sudo ip netns exec a ping -q 10.0.0.1', 'INT', 'rc=0'],
  ['ip netns exec a ping -q 10.0.0.1', 'TERM', 'rc=143'],
])('a signal sent to `%s` reaches the program that it became (SIG%s)', async (command, signal, end) => {
  const text = await run(`${network}${command} & P=$!\nsleep 1.5; kill -${signal} $P; wait $P; echo rc=$?`);
  expect(text.trimEnd().split('\n').at(-1)).toBe(end);
  expect(text.includes('2 packets transmitted, 2 received')).toBe(signal === 'INT');
});
