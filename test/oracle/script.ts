// A lab as a shell script, for people: what `ip` and `bridge` would have to do to see it again, here or in the model
// (`lowerdev run`). What they cannot say is a comment.

import { MACVLAN_MODES } from '../../src/uapi/linkinfo.ts';
import type { Lab, MacvlanWords, Op } from './lab.ts';
import { type Deed, sysctls } from './model-arm.ts';

/** On a real machine it wants root, and makes a sandbox of its own. The deeds say in which namespace each was done. */
export function scriptOf(lab: Lab, deeds: Deed[]): string {
  const settings = sysctls(lab).map(([key, value]) => `net.${key.replaceAll('/', '.')}=${value}`);
  const lines = [
    '#!/bin/sh',
    `# storm seed ${lab.seed}: for lowerdev run, and for sh as root`,
    'if ! command -v frame >/dev/null; then',
    '  [ -n "$IN" ] || IN=1 exec unshare --net --mount --pid --fork --mount-proc sh "$0"',
    '  mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && mount -t tmpfs none /mnt',
    "  printf '%s\\n' '#!/usr/bin/python3' 'import socket, sys' 's = socket.socket(17, 3, 0)' \\",
    "    'for f in sys.argv[2:]:' '  try: s.sendto(bytes.fromhex(f), (sys.argv[1], 0))' \\",
    '    \'  except OSError as e: print(f"frame: {sys.argv[1]}: {e.strerror}", file=sys.stderr)\' >/mnt/frame',
    '  chmod +x /mnt/frame; PATH=/mnt:$PATH',
    'fi',
    `for ns in ${lab.spaces.join(' ')}; do`,
    `  ip netns add $ns; ip netns exec $ns sysctl -qew ${settings.join(' ')} net.bridge.bridge-nf-call-iptables=0`,
    'done',
    `ip -n ${lab.spaces[0]} link set lo up`,
  ];
  const kinds = new Map<string, string>();
  lab.ops.forEach((op, i) => {
    // Carrier takes up to a second to be noticed.
    if (op.do === 'send' && i > 0 && lab.ops[i - 1].do !== 'send') lines.push('sleep 1.5');
    if (op.do === 'macvlan') kinds.set(op.dev, op.kind ?? 'macvlan');
    lines.push(...linesOf(op, deeds[i], lab, kinds));
  });
  return `${[...lines, 'sleep 1.5', `for ns in ${lab.spaces.join(' ')}; do ip -n $ns -s link; done`].join('\n')}\n`;
}

function linesOf(op: Op, deed: Deed, lab: Lab, kinds: Map<string, string>): string[] {
  const ns = lab.spaces[deed.ns];
  if (deed.do === 'send') return [`ip netns exec ${ns} frame ${deed.dev} ${deed.frames.join(' ')}`];
  if (op.do === 'member') return [`# a socket in ${ns} ${op.join ? 'joins' : 'leaves'} ${op.group} on ${op.dev}`];
  if (op.do === 'file') return [`# the file of ${op.dev} is ${op.open ? 'opened' : 'closed'}`];
  if (deed.do === 'write') return [`# the file of ${deed.dev} gets ${deed.frames.join(' ')}`];
  const line = lineOf(op, ns, kinds);
  return [sayable(op) ? line : `# ${line}`];
}

/** `ip` 6.1 knows fewer combinations than netlink: no broadcast cutoff, both flags at once, a mode that there is not. */
function sayable(op: Op): boolean {
  if (op.do !== 'macvlan' && op.do !== 'change') return true;
  const { mode, flags, bccutoff } = op.data;
  return bccutoff === undefined && flags !== 3 && (mode === undefined || MACVLAN_MODES.has(mode));
}

function lineOf(op: Op, ns: string, kinds: ReadonlyMap<string, string>): string {
  const set = `ip -n ${ns} link set ${op.dev}`;
  // Of another kind's link a change is refused.
  const kind = kinds.get(op.dev) ?? 'macvlan';
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
      return `${set} type ${kind}${words(op.data)}`;
    case 'sources':
      return `${set} type ${kind} macaddr ${op.how} ${op.how === 'flush' ? '' : (op.how === 'set' ? op.macs : op.macs.slice(0, 1)).join(' ')}`;
    case 'port':
      return `bridge -n ${ns} link set dev ${op.dev} ${op.word} ${onOff(op.on)}`;
    case 'fdb':
      return `bridge -n ${ns} fdb ${op.add ? 'add' : 'del'} ${op.mac} dev ${op.dev} ${op.to}${op.static ? ' static' : ''}`;
    case 'group':
      return `ip -n ${ns} maddress ${op.join ? 'add' : 'del'} ${op.mac} dev ${op.dev}`;
    case 'member':
    case 'file':
    case 'write':
    case 'send':
      throw new Error('no command does that');
  }
}

const mtu = (value: number | undefined): string => (value === undefined ? '' : ` mtu ${value}`);
const address = (mac: string | undefined): string => (mac === undefined ? '' : ` address ${mac}`);

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
