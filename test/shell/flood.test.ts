// flood: rates are kept in virtual time, what the kernel refuses is counted by errno, a blocking send waits.

import { expect, test } from 'vitest';
import { createModel, openSession, runScript } from '../../src/index.ts';

const pair = `
ip link add v0 type veth peer name v1; ip netns add b; ip link set v1 netns b
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 2
ping -c1 10.0.0.2 >/dev/null
`;

async function flooded(line: string, before = pair): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await runScript(`${before}${line}`);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('a rate is kept, and every datagram arrives', async () => {
  const r = await flooded('flood -j -r 100Mbit -s 1250 -t 100ms 10.0.0.2');
  expect(r).toMatchObject({ attempts: 1000, sent: 1000, bitsPerSecond: 100_000_000, errors: {} });
  const { stdout } = await runScript(
    `${pair}flood --pps 1000 -n 200 -s 64 10.0.0.2 >/dev/null; ip netns exec b cat /proc/net/snmp | grep ^Udp:`,
  );
  const [names, values] = stdout
    .trim()
    .split('\n')
    .map((l) => l.split(' '));
  expect(values[names.indexOf('NoPorts')]).toBe('200');
});

test('what is refused, by errno', async () => {
  const r = await flooded('ip route add blackhole 10.7.0.0/16; flood -j -n 5 10.7.0.1');
  expect(r).toMatchObject({ attempts: 5, sent: 0, errors: { EINVAL: 5 } });
});

test('one line per interval, and a total', async () => {
  const { stdout } = await runScript(`${pair}flood --pps 100 -t 0.3 -i 100ms 10.0.0.2`);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^ +0\.00-0\.10 s +10 sent +1\.18 Mbit\/s$/);
  expect(lines[3]).toMatch(/^ +total +30 sent +1\.18 Mbit\/s$/);
});

test.each([
  ['flood', 'where to?'],
  ['flood -p 0 10.0.0.2', '--port 0: a whole number from 1 to 65535 is wanted'],
  ['flood -r 1 10.0.0.2', '--rate 1: a rate is wanted, as 500Mbit'],
  ['flood -r 1Mbit --pps 5 10.0.0.2', '--rate or --pps, not both'],
  ['flood a.example', 'a.example: Temporary failure in name resolution'],
])('%s', async (line, message) => {
  const { stderr, exitCode } = await runScript(line);
  expect([exitCode, stderr.split('\n')[0]]).toEqual([2, `flood: ${message}`]);
});

test('a capture whose reader is slower than the flood says what it lost', async () => {
  const model = createModel({ seed: 1, timing: { wakeNs: 5e6 } });
  let said = '';
  const session = openSession(model, { onOutput: (_stream, text) => void (said += text) });
  await session.run(
    `${pair}tcpdump -n -i v0 -w seen udp 2>&1 & sleep 0.1; flood -r 1Gbit -s 100 -n 3000 10.0.0.2; kill -INT $!; wait`,
  );
  const [captured, received, dropped] = [...said.matchAll(/^(\d+) packets? /gm)].map((m) => Number(m[1]));
  expect(dropped).toBeGreaterThan(0);
  expect(received).toBe(3000);
  expect(captured + dropped).toBe(3000);
  model.close();
});
