// Namespaces of this machine's kernel, snapshotted and loaded into a model: there `ip` prints what the real `ip` prints of the
// real ones. Needs root on Linux and the iproute2 that ours was written after; skipped elsewhere.

import { afterEach, describe, expect, test } from 'vitest';
import type { SnapshotKernel } from '../../src/lab/snapshot/kernel.ts';
import { loadSnapshot } from '../../src/lab/snapshot/load.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';
import { Sandbox, whyNot } from '../live/sandbox.ts';
import { SETUP } from './broken.ts';
import { runIn } from './testing.ts';

const reason = whyNot();

const MORE = `
ip link add br0 type bridge ageing_time 20000; ip link add v0 type veth peer name v1; ip link set v0 master br0
ip link set br0 up; ip link set v0 up; ip link set v1 up; bridge link set dev v0 hairpin on
ip netns add c; ip link add link p0 name mp netns c type macvlan mode private bcqueuelen 77
ip link add link p0 name ms netns c type macvlan mode source; ip -n c link set ms type macvlan macaddr add 02:00:00:00:00:01
ip link add link p0 name tap0 type macvtap mode vepa; ip -n c link set mp up; ip link set tap0 up
ip -n c addr add 10.0.0.8/24 dev mp; ip -n c addr add 10.0.0.9/24 dev mp; ip -n c addr add 10.7.7.1 peer 10.7.7.2/32 dev mp
ip -n c route add 10.77.0.0/16 via 10.0.0.254 metric 5 table 100; ip -n c route add blackhole 10.66.0.0/16
ip -n c route add 10.78.0.0/16 via 10.0.0.254 mtu 1400; ip -n c rule add from 10.0.0.9 lookup 100 priority 1000
ip -n c -6 route add 2001:db8:9::/48 dev mp; ip -n c addr add 2001:db8:5::1/64 dev mp nodad
ip link set v1 alias 'for the lab' group 7 mtu 1400 txqueuelen 5; ip link property add dev v1 altname a-longer-name-of-v1
sleep 3
`;

/** Words that are of the moment, or of the machine: times, statistics, sizes of segments that drivers choose. */
function plain(text: string): string[] {
  return text
    .replace(/ (gso|gro|tso)\w+ \d+/g, '')
    .replace(/(valid_lft|preferred_lft) \d+sec/g, '$1 Nsec')
    .replace(/ (hello|tcn|topology_change|gc)_timer +[\d.]+/g, '')
    .replace(/ (linkdown|dead)\b/g, '')
    .replace(/message_age_timer +[\d.]+|(forward_delay|hold)_timer +[\d.]+/g, '')
    .split('\n')
    .map((line) => line.trimEnd());
}

let box: Sandbox | null = null;
afterEach(() => {
  box?.close();
  box = null;
});

describe.skipIf(reason !== null)(`this kernel${reason === null ? '' : ` (${reason})`}`, () => {
  test('ip prints the same of the model that was made of a snapshot', { timeout: 120_000 }, async () => {
    box = new Sandbox();
    const made = box.sh(`set -e\n${SETUP}\n${MORE}`);
    expect([made.rc, made.err]).toEqual([0, '']);
    const kernel = Object.assign(Object.create(box.os), { wallNs: () => 0 }) as SnapshotKernel;
    const { model, notes } = loadSnapshot(readSnapshot(kernel));
    for (const netns of ['', 'blue', 'green', 'wire', 'far', 'c']) {
      const ip = netns === '' ? 'ip' : `ip -n ${netns}`;
      for (const what of ['-d link', 'addr', 'route show table all', '-6 route show table main', 'rule']) {
        const [family, ...words] = what.split(' ');
        const command = `${ip} ${family} ${words.join(' ')}`;
        const sorted = what.includes('route') ? (lines: string[]) => lines.sort() : (lines: string[]) => lines;
        const real = sorted(plain(box.sh(command).out));
        const ours = sorted(plain((await runIn(model, command)).said));
        if (what === '-d link') expect(real.length).toBeGreaterThan(5);
        expect([command, ...ours]).toEqual([command, ...real]);
      }
    }
    expect(notes.map((n) => n.text)).toEqual([]);
    model.close();
  });
});
