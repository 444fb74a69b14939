// A lab as a shell script, for people: what `ip`, `bridge` and a few lines of Python would have to do to see it again.

import { MACVLAN_MODES } from '../../src/uapi/linkinfo.ts';
import type { Lab, MacvlanWords, Op } from './lab.ts';
import type { Deed } from './model-arm.ts';

/** To be run as root; it makes a sandbox of its own. The deeds say in which namespace each was done. */
export function scriptOf(lab: Lab, deeds: Deed[]): string {
  const [first, ...others] = lab.spaces;
  const lines = [
    '#!/bin/sh',
    `# storm seed ${lab.seed}; the namespace "${first}" is the sandbox's own`,
    '[ -n "$IN" ] || IN=1 exec unshare --net --mount --pid --fork --mount-proc sh "$0"',
    'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns',
    'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
    'frame() { ip netns exec "$1" python3 -c "import socket,sys; socket.socket(17,3,0).sendto(bytes.fromhex(sys.argv[2]),(sys.argv[1],0))" "$2" "$3"; }',
    `touch /run/netns/${first} && mount --bind /proc/self/ns/net /run/netns/${first}`,
    'sysctl -qew net.bridge.bridge-nf-call-iptables=0',
    'ip link set lo up',
    ...others.map(
      (ns) =>
        `ip netns add ${ns} && ip netns exec ${ns} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1`,
    ),
  ];
  lab.ops.forEach((op, i) => lines.push(...linesOf(op, deeds[i], lab)));
  return `${[...lines, 'ip -all netns exec ip -s -d link'].join('\n')}\n`;
}

function linesOf(op: Op, deed: Deed, lab: Lab): string[] {
  const ns = lab.spaces[deed.ns];
  if (deed.do === 'send') return deed.frames.map((f) => `frame ${ns} ${deed.dev} ${f}`);
  return [lineOf(op, ns)];
}

function lineOf(op: Op, ns: string): string {
  const set = `ip -n ${ns} link set ${op.dev}`;
  const onOff = (on: boolean): string => (on ? 'on' : 'off');
  switch (op.do) {
    case 'veth':
      return `ip -n ${ns} link add ${op.dev} address ${op.mac}${mtu(op.mtu)} type veth peer name ${op.peer} address ${op.peerMac} netns ${op.peerNs}`;
    case 'bridge':
      return `ip -n ${ns} link add ${op.dev}${address(op.mac)} type bridge mcast_snooping 0`;
    case 'macvlan': {
      const list = op.sources === undefined ? '' : ` macaddr set ${op.sources.join(' ')}`;
      return `ip -n ${ns} link add link ${op.on} name ${op.dev} netns ${op.ns}${address(op.mac)}${mtu(op.mtu)} type ${op.kind ?? 'macvlan'}${words(op.data)}${list}`;
    }
    case 'address':
      return `ip -n ${ns} address ${op.add ? 'add' : 'del'} ${op.ip}/${op.prefix} dev ${op.dev}`;
    case 'delete':
      return `ip -n ${ns} link delete ${op.dev}`;
    case 'flag':
      return `${set} ${op.flag === 'up' ? (op.on ? 'up' : 'down') : `${op.flag} ${onOff(op.on)}`}`;
    case 'mac':
      return `${set} address ${op.mac}`;
    case 'mtu':
      return `${set} mtu ${op.mtu}`;
    case 'rename':
      return `${set} name '${op.to}'`;
    case 'move':
      return `${set} netns ${op.ns}`;
    case 'master':
      return `${set} ${op.master === null ? 'nomaster' : `master ${op.master}`}`;
    case 'change':
      return `${set} type macvlan${words(op.data)}`;
    case 'sources':
      return `${set} type macvlan macaddr ${op.how} ${op.how === 'flush' ? '' : (op.how === 'set' ? op.macs : op.macs.slice(0, 1)).join(' ')}`;
    case 'port':
      return `bridge -n ${ns} link set dev ${op.dev} ${op.word} ${onOff(op.on)}`;
    case 'fdb':
      return `bridge -n ${ns} fdb ${op.add ? 'add' : 'del'} ${op.mac} dev ${op.dev} ${op.to}${op.static ? ' static' : ''}`;
    case 'group':
      return `ip -n ${ns} maddress ${op.join ? 'add' : 'del'} ${op.mac} dev ${op.dev}`;
    case 'send':
      throw new Error('a frame is no command');
  }
}

const mtu = (value: number | undefined): string => (value === undefined ? '' : ` mtu ${value}`);
const address = (mac: string | undefined): string => (mac === undefined ? '' : ` address ${mac}`);

/** `ip` knows fewer combinations than netlink: flags of both kinds at once, or a mode that there is not. */
function words(data: MacvlanWords): string {
  const flags = data.flags ?? -1;
  return [
    data.mode === undefined ? '' : ` mode ${MACVLAN_MODES.get(data.mode) ?? `(${data.mode})`}`,
    flags === 0 ? ' flag null' : '',
    flags > 0 && (flags & 1) !== 0 ? ' flag nopromisc' : '',
    flags > 0 && (flags & 2) !== 0 ? ' flag nodst' : '',
    data.bccutoff === undefined ? '' : ` bccutoff ${data.bccutoff}`,
    data.bcqueuelen === undefined ? '' : ` bcqueuelen ${data.bcqueuelen}`,
  ].join('');
}
