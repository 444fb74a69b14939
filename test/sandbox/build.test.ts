// A machine file's hardware as namespaces, veth pairs and bridges of this kernel, looked at with the real ip and bridge, and
// with frames through it.

import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel } from '../../src/lab/model.ts';
import { LinuxOs } from '../../src/linux/linux-os.ts';
import type { LinuxNs } from '../../src/linux/netns.ts';
import { sandboxNotes } from '../../src/linux/sandbox/build.ts';
import { type OpenSandbox, openSandbox } from '../../src/linux/sandbox/open.ts';

const MACHINE = parseMachine(
  `
nics:
  eth0: { mtu: 9000 }
  eth1: { profile: ice, mac: "b4:96:91:00:00:01" }
  eth2: {}
  eth3: {}
cables:
  - { between: [eth1, eth2] }
  - { between: [eth0, sw/p1] }
  - { between: [sw/p2, peer/eth0] }
switches: { sw: { ports: [p1, p2, p3], hairpin: [p1], learning: false } }
peers: { peer: { addresses: [10.0.0.2/24], routes: [default via 10.0.0.1] } }
`,
  'machine.yaml',
);

function whyNot(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  return spawnSync('ip', ['-V']).status === 0 ? null : 'needs ip';
}
const skip = whyNot();

describe.skipIf(skip !== null)(`a sandbox's machine${skip === null ? '' : ` (skipped: ${skip})`}`, () => {
  let box: OpenSandbox;
  beforeEach(async () => {
    box = openSandbox(await LinuxOs.open(), MACHINE);
  });
  afterEach(() => box?.close());

  const inside = (ns: unknown, ...argv: string[]): string => {
    const net = `--net=/proc/${process.pid}/fd/${(ns as LinuxNs).fd}`;
    return spawnSync('nsenter', [net, ...argv], { encoding: 'utf8' }).stdout;
  };

  test('the host has its NICs, in the order of the file, with the addresses that they have in the model', async () => {
    const links = (text: string): string[] =>
      JSON.parse(text).map((l: Record<string, unknown>) => `${l.ifindex} ${l.ifname} ${l.address} ${l.mtu}`);
    const host = inside(box.os.initNs, 'ip', '-j', 'link');
    expect(
      links(host)
        .slice(1)
        .map((l) => l.split(' ')[1]),
    ).toEqual(['eth0', 'eth1', 'eth2', 'eth3']);
    expect(host).toContain('b4:96:91:00:00:01');
    const model = createModel({ seed: 1, machine: MACHINE });
    for (const dev of model.os.listDir(model.os.initNs, '/sys/class/net') as string[]) {
      const mac = String(model.os.readFile(model.os.initNs, `/sys/class/net/${dev}/address`)).trim();
      expect([dev, links(host).some((l) => l.includes(` ${dev} ${mac} `))]).toEqual([dev, true]);
    }
    model.close();
    /** Set up; operstate follows some time after, when the kernel's linkwatch comes to it. */
    const up = async (name: string, state: string): Promise<void> => {
      inside(box.os.initNs, 'ip', 'link', 'set', name, 'up');
      await expect
        .poll(() => JSON.parse(inside(box.os.initNs, 'ip', '-j', 'link', 'show', name))[0].operstate, {
          timeout: 10_000,
        })
        .toBe(state);
    };
    expect(inside(box.os.initNs, 'ip', '-br', 'link')).toMatch(/^eth0@if2 .*^eth1@eth2 .*^eth2@eth1 .*^eth3@if/ms);
    await up('eth0', 'UP');
    await up('eth3', 'DOWN');
    await up('eth1', 'LOWERLAYERDOWN');
    await up('eth2', 'UP');
    await up('eth1', 'UP');
  });

  test('a frame goes through the switch to the peer, which answers', () => {
    inside(box.os.initNs, 'ip', 'address', 'add', '10.0.0.1/24', 'dev', 'eth0');
    inside(box.os.initNs, 'ip', 'link', 'set', 'eth0', 'up');
    expect(inside(box.os.initNs, 'ping', '-c', '3', '-i', '0.2', '-W', '10', '10.0.0.2')).toContain(' 0% packet loss');
    expect(inside(box.hidden.get('peer'), 'ip', 'route')).toContain('default via 10.0.0.1 dev eth0');
  });

  test('hairpin and learning are of the port', () => {
    const ports = inside(box.hidden.get('sw'), 'bridge', '-d', 'link').replace(/\n +/g, ' ');
    expect(ports).toMatch(/p1\b.* hairpin on .*learning off/);
    expect(ports).toMatch(/p2\b.* hairpin off .*learning off/);
    expect(inside(box.hidden.get('sw'), 'ip', '-6', 'address')).toBe('');
  });

  test('what a veth has not is said', () => {
    expect(sandboxNotes(MACHINE)).toEqual([
      'NICs are veth here: no profile, no queues, no l2-fwd-offload; --engine model has them',
    ]);
    expect(sandboxNotes(parseMachine('nics: { a: {} }', 'm'))).toEqual([]);
  });
});
