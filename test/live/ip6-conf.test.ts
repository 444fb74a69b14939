// IPv6's configuration in the model against this machine's kernel: addresses, routes, groups, notifications, settings and
// refusals for one script, and what a router's advertisement does. Needs root on Linux with IPv6; skipped elsewhere.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { createModel, openSession, runScript } from '../../src/index.ts';
import type { NetNs } from '../../src/net/netns.ts';
import { Sandbox, whyNot } from './sandbox.ts';

const reason = whyNot() ?? (existsSync('/proc/sys/net/ipv6') ? null : 'needs a kernel with IPv6');
const script = readFileSync(`${process.cwd()}/test/live/ip6-conf.sh`, 'utf8');

/** Seconds that are left differ; neighbours that go together go in the order of a hash. */
function normal(text: string): string {
  const lines = text.replace(/\b\d+sec\b/g, 'Nsec').split('\n');
  const out: string[] = [];
  let run: string[] = [];
  const flush = (): void => {
    out.push(...run.sort());
    run = [];
  };
  for (const line of lines) {
    const neighbour = /^(\[NEIGH\])?(Deleted )?\S+ dev \S+ lladdr/.test(line);
    if (!neighbour) flush();
    (neighbour ? run : out).push(line);
  }
  flush();
  return out.join('\n');
}

/** Without times; a report sent about when DAD ends has either source. */
const LINK_UP = `ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
sysctl -qw net.ipv6.conf.v1.disable_ipv6=1
ip link set v1 up
timeout 5 tcpdump -n -e -t -l -i v1 ip6 > seen 2>/dev/null &
sleep 1
ip link set v0 up
ip addr add 2001:db8::1/64 dev v0
sleep 4.5
sed 's/: [0-9a-f:]* > ff02::16/: S > ff02::16/' seen | sort | uniq -c`;

const ROUTED = `ip link set lo up
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
sysctl -qw net.ipv6.conf.v1.disable_ipv6=1
ip link set v0 up
ip link set v1 up
sleep 3.5`;
const ASK = `sleep 4.5
ip addr show dev v0
ip -6 route show table all
ip -6 neigh show nud all
sysctl net.ipv6.conf.v0.mtu net.ipv6.conf.v0.hop_limit`;

/**
 * From fe80::99: hop limit 61, high preference, MTU 1400, prefix 2001:db8:1::/64 on link and for addresses. Once with a
 * router's lifetime of 1800 s (prefix 3600 and 1800 s), once with none (100 and 50 s).
 */
const ADVERTISEMENTS = [
  '33330000000102000000009986dd6000000000403afffe800000000000000000000000000099ff0200000000000000000000000000018600a2ad' +
    '3d080708000000000000000001010200000000990501000000000578030440c000000e10000007080000000020010db800010000' +
    '0000000000000000',
  '33330000000102000000009986dd6000000000403afffe800000000000000000000000000099ff0200000000000000000000000000018600be37' +
    '3d080000000000000000000001010200000000990501000000000578030440c000000064000000320000000020010db800010000' +
    '0000000000000000',
];

function advertisedLive(): string {
  box?.close();
  box = new Sandbox();
  let out = box.sh(ROUTED).out;
  for (const hex of ADVERTISEMENTS) {
    const send = `import socket;s=socket.socket(17,3);s.bind(("v1",0));s.send(bytes.fromhex("${hex}"))`;
    out += box.sh(`python3 -c '${send}'\n${ASK}`).out;
  }
  return out;
}

async function advertisedModel(): Promise<string> {
  const m = createModel({ seed: 3 });
  let said = '';
  const session = openSession(m, {
    onOutput: (_stream, text) => {
      said += text;
    },
  });
  await session.run(ROUTED);
  for (const hex of ADVERTISEMENTS) {
    const socket = m.os.socket(m.os.initNs, 'packet', 0);
    if (typeof socket === 'number') throw new Error(`no packet socket: ${socket}`);
    const ifindex = (m.os.initNs as NetNs).dev('v1')?.ifindex ?? 0;
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (x) => Number.parseInt(x, 16));
    socket.sendTo(bytes, { addr4: 0, port: 0, ifindex, protocol: 0, mac: 0 });
    socket.close();
    await session.run(ASK);
  }
  m.close();
  return said;
}

let box: Sandbox | null = null;
afterEach(() => {
  box?.close();
  box = null;
});

/** Runs both until they agree, at most twice: a busy machine answers late. */
async function alike(live: () => string, model: () => Promise<string>): Promise<void> {
  const ours = normal(await model());
  let theirs = normal(live());
  if (theirs !== ours) theirs = normal(live());
  expect(ours).toBe(theirs);
}

/** Not through the helper, which waits for no command that long. */
function inSandbox(text: string): string {
  const ready =
    'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && mount -t sysfs sys /sys && ip link set lo up && cd "$(mktemp -d)"';
  const args = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c'];
  return execFileSync('unshare', [...args, `${ready} && {\n${text}\n} 2>&1; true`], {
    encoding: 'utf8',
    timeout: 150_000,
  });
}

describe.skipIf(reason !== null)(
  `IPv6 is configured as Linux does${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    test('a life: told, held, refused', { timeout: 300_000 }, async () => {
      await alike(
        () => inSandbox(script),
        async () => (await runScript(`{\n${script}\n} 2>&1`)).stdout,
      );
    });

    test('what a link says when it comes up, and how often', { timeout: 120_000 }, async () => {
      await alike(
        () => inSandbox(LINK_UP),
        async () => (await runScript(`{\n${LINK_UP}\n} 2>&1`)).stdout,
      );
    });

    test('a router advertises, then takes it back', { timeout: 120_000 }, async () => {
      await alike(advertisedLive, advertisedModel);
    });
  },
);
