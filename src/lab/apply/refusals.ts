// Every errno that a kernel answers to a lab, by the rule that fired: what was asked, the errno, the rule in words, the way
// out, and how the culprit is found on the machine. One table for both kernels and for docs/errnos.md; the first row that
// finds its culprit is told. Linux: drivers/net/macvlan.c, net/core/{rtnetlink,dev}.c, net/8021q/vlan.c, net/ipv{4,6}.

import { formatMac } from '../../uapi/format.ts';
import {
  type Found,
  gatewayIsOwn,
  holderOf,
  masterOf,
  nameOf,
  nearestMac,
  otherOn,
  type Refused,
  whoHas,
} from './culprit.ts';
import { routeText } from './desired.ts';

export type Asking =
  | 'create'
  | 'change'
  | 'up'
  | 'remove'
  | 'address'
  | 'route'
  | 'sysctl'
  | 'namespace'
  | 'offload'
  | 'altname';

export interface Refusal {
  readonly asking: Asking | readonly Asking[];
  readonly errno: string;
  /** For docs/errnos.md. */
  readonly rule: string;
  readonly cure: string;
  /** What it was this time; null: it was not this rule. */
  readonly why: (r: Refused) => Found;
}

const lowerName = ({ lower, link }: Refused): string => lower?.ifname ?? `${link?.lower ?? 'its lower device'}`;
const isMacvlan = ({ link }: Refused): boolean => link !== null && link.kind !== 'vlan';
const isVlan = (r: Refused): boolean => r.link?.kind === 'vlan';
const PASSTHRU = 8;
const SOURCE = 16;

const taken: Refusal['why'] = (r) => whoHas(r);

export const REFUSALS: readonly Refusal[] = [
  {
    asking: 'create',
    errno: 'EOPNOTSUPP',
    rule: 'the kernel has no such kind of device',
    cure: 'load the module (modprobe macvlan, modprobe macvtap, modprobe 8021q), or use a kernel that is built with it',
    why: (r) => {
      if (r.lower !== undefined && isVlan(r) && /VLAN/.test(r.extack)) return null;
      return `this kernel has no ${r.link?.kind} (CONFIG_${isVlan(r) ? 'VLAN_8021Q' : r.link?.kind.toUpperCase()})`;
    },
  },
  {
    asking: 'create',
    errno: 'EOPNOTSUPP',
    rule: 'the lower device carries no VLANs',
    cure: 'put the VLAN on another device',
    why: (r) => (isVlan(r) ? `${lowerName(r)} carries no VLANs` : null),
  },
  {
    asking: 'create',
    errno: 'ENODEV',
    rule: 'the lower device is not there',
    cure: 'name one that is (ip link), or run apply again when it is back',
    why: (r) => (r.lower === undefined ? `there is no device ${r.link?.lower}` : null),
  },
  {
    asking: 'create',
    errno: 'EEXIST',
    rule: 'a device of that name is in the namespace',
    cure: 'give the endpoint another "device", or remove the other one',
    why: (r) => (r.self === undefined ? null : `${nameOf(r.self)} is there already`),
  },
  {
    asking: 'create',
    errno: 'EEXIST',
    rule: 'the lower device has a VLAN device of that number',
    cure: 'call it as the lab would (eth0.100), then it is used',
    why: (r) => {
      const same = isVlan(r) ? r.host.find((l) => l.lower === r.lower?.index && l.vlan === r.link?.vlan) : undefined;
      return same === undefined ? null : `${same.ifname} is VLAN ${same.vlan} of ${lowerName(r)} already`;
    },
  },
  {
    asking: ['create', 'change'],
    errno: 'EADDRNOTAVAIL',
    rule: "the MAC address is not one device's: its group bit is set, or it is zero",
    cure: 'give it an address whose first byte is even, best one that ends in 2, 6, a or e',
    why: ({ mac }) => {
      if (mac === null) return null;
      const what = mac === 0 ? 'is no address' : 'is the address of a group (the lowest bit of its first byte is set)';
      return `${formatMac(mac)} ${what}; the nearest that would do is ${formatMac(nearestMac(mac))}`;
    },
  },
  {
    asking: 'create',
    errno: 'EBUSY',
    rule: 'the lower device is a port of a bridge, bond, team or Open vSwitch',
    cure: 'make the bridge or bond itself the "lower", or take the device out of it',
    why: masterOf,
  },
  {
    asking: 'create',
    errno: 'EBUSY',
    rule: 'something else takes what the lower device receives (an ipvlan)',
    cure: 'remove it, or use another lower device: macvlan and ipvlan do not share one',
    why: (r) => (isMacvlan(r) && r.lower !== undefined ? holderOf(r) : null),
  },
  {
    asking: 'create',
    errno: 'EINVAL',
    rule: 'the lower device is the loopback device, or not an Ethernet',
    cure: 'use an Ethernet device (ip link shows link/ether)',
    why: (r) => {
      if (r.lower === undefined || !isMacvlan(r)) return null;
      if (r.lower.loopback) return `${r.lower.ifname} is the loopback device, and carries no macvlans`;
      return r.lower.ethernet ? null : `${r.lower.ifname} is no Ethernet device`;
    },
  },
  {
    asking: ['create', 'change'],
    errno: 'EINVAL',
    rule: "the mtu is larger than the lower device's, or outside of what the device can",
    cure: 'lower "mtu", or raise the lower device\'s first',
    why: ({ mtu, lower }) => {
      if (mtu !== null && lower !== undefined && mtu > lower.mtu) {
        return `the mtu of ${lower.ifname} is ${lower.mtu}, less than ${mtu}`;
      }
      return mtu !== null && mtu < 68 ? `an mtu of ${mtu} is less than 68` : null;
    },
  },
  {
    asking: 'create',
    errno: 'EINVAL',
    rule: 'a passthru macvlan has the lower device to itself',
    cure: 'remove it, or use another lower device',
    why: (r) => {
      const alone = isMacvlan(r) ? otherOn(r, (l) => l.macvlan?.mode === PASSTHRU) : undefined;
      return alone === undefined ? null : `${nameOf(alone)} has ${lowerName(r)} to itself (passthru)`;
    },
  },
  {
    asking: 'create',
    errno: 'EINVAL',
    rule: 'passthru is asked for, and the lower device carries other macvlans',
    cure: 'remove them, or use another mode',
    why: (r) => {
      if (r.link?.macvlan?.mode !== PASSTHRU) return null;
      const other = otherOn(r, (l) => l.kind === 'macvlan' || l.kind === 'macvtap');
      const which = other === undefined ? '' : ` (${nameOf(other)})`;
      return `${lowerName(r)} carries a macvlan${which}, and passthru shares with none`;
    },
  },
  {
    asking: 'create',
    errno: 'EINVAL',
    rule: 'the passthru macvlan that has the lower device is in a namespace that cannot be seen',
    cure: 'look for it in the namespaces of processes (lsns -t net)',
    why: (r) =>
      isMacvlan(r) && r.lower !== undefined && r.extack === ''
        ? `${lowerName(r)} may carry a macvlan in passthru mode in another namespace, which shares with none`
        : null,
  },
  {
    asking: 'create',
    errno: 'EMLINK',
    rule: 'too many devices stand on each other (8 is the most)',
    cure: 'stand on a device further down',
    why: (r) => `under ${lowerName(r)} there are too many devices on top of each other`,
  },
  {
    asking: 'create',
    errno: 'ERANGE',
    rule: 'a number that the kernel does not take, as a VLAN above 4094',
    cure: "see the kernel's own words",
    why: (r) => (r.extack === '' ? 'a number is out of range' : null),
  },
  {
    asking: ['create', 'up', 'change'],
    errno: 'EADDRINUSE',
    rule: 'the lower device, or another macvlan on it that is up, has the MAC address',
    cure: 'give one of them another "mac"',
    why: taken,
  },
  {
    asking: 'up',
    errno: 'EBUSY',
    rule: 'the same, from Linux before 4.20',
    cure: 'give one of them another "mac"',
    why: taken,
  },
  {
    asking: ['create', 'up'],
    errno: 'ENETDOWN',
    rule: 'a VLAN device comes up only on a device that is up',
    cure: 'ip link set LOWER up',
    why: (r) => (r.lower !== undefined && !r.lower.up ? `${r.lower.ifname} is down` : null),
  },
  {
    asking: 'up',
    errno: 'ERFKILL',
    rule: 'a radio is switched off',
    cure: 'rfkill unblock wifi',
    why: (r) => `the radio of ${r.ifname} is switched off (rfkill)`,
  },
  {
    asking: 'change',
    errno: 'EINVAL',
    rule: 'passthru is for life: no change into it or out of it',
    cure: 'remove the device and make it anew',
    why: ({ self, change }) =>
      change?.macvlan?.mode !== undefined && (self?.macvlan?.mode === PASSTHRU) !== (change.macvlan.mode === PASSTHRU)
        ? `${self === undefined ? 'it' : nameOf(self)} cannot go ${self?.macvlan?.mode === PASSTHRU ? 'out of' : 'into'} passthru`
        : null,
  },
  {
    asking: ['create', 'change'],
    errno: 'EINVAL',
    rule: 'a list of sources outside of source mode',
    cure: 'mode: source, or no "sources"',
    why: ({ self, link, change }) => {
      const data = link?.macvlan ?? change?.macvlan;
      const mode = data?.mode ?? self?.macvlan?.mode;
      return data?.sources !== undefined && data.sources.length > 0 && mode !== SOURCE
        ? 'only source mode has a list of sources'
        : null;
    },
  },
  {
    asking: 'change',
    errno: 'EOPNOTSUPP',
    rule: 'the device is of another kind now, or cannot be changed so',
    cure: 'run plan again',
    why: (r) => (r.self === undefined ? null : `${nameOf(r.self)} is a ${r.self.kind || 'piece of hardware'}`),
  },
  {
    asking: ['change', 'up', 'remove', 'address', 'route'],
    errno: 'ENODEV',
    rule: 'the device has gone meanwhile',
    cure: 'run apply again',
    why: (r) => (r.self === undefined ? `there is no ${r.where}` : null),
  },
  {
    asking: 'remove',
    errno: 'EOPNOTSUPP',
    rule: 'hardware cannot be removed',
    cure: 'nothing to do: it stays',
    why: (r) => `${r.where} is no device that was made`,
  },
  {
    asking: 'address',
    errno: 'EACCES',
    rule: 'IPv6 is off on the device (disable_ipv6)',
    cure: 'sysctl net.ipv6.conf.DEVICE.disable_ipv6=0, or leave the IPv6 address out',
    why: (r) => (r.six && r.self?.ipv6 !== true ? `IPv6 is off on ${r.where}` : null),
  },
  {
    asking: 'address',
    errno: 'EEXIST',
    rule: 'the device has the address',
    cure: 'run apply again: what is there is not added',
    why: (r) => `${r.where} has ${r.address} already`,
  },
  {
    asking: 'address',
    errno: 'EINVAL',
    rule: 'IPv6 needs an mtu of 1280, and an address of one host',
    cure: 'raise "mtu", or leave IPv6 addresses out',
    why: (r) => (r.six && r.self !== undefined && r.self.mtu < 1280 ? `the mtu of ${r.where} is ${r.self.mtu}` : null),
  },
  {
    asking: 'address',
    errno: 'ENOBUFS',
    rule: 'the device has no IPv6 (its mtu is under 1280)',
    cure: 'raise "mtu", or leave IPv6 addresses out',
    why: (r) => (r.six ? `there is no IPv6 on ${r.where}` : null),
  },
  {
    asking: ['address', 'route'],
    errno: 'EOPNOTSUPP',
    rule: 'the kernel has no IPv6',
    cure: 'leave IPv6 addresses out',
    why: (r) => (r.six ? 'this kernel has no IPv6' : null),
  },
  {
    asking: 'address',
    errno: 'EADDRNOTAVAIL',
    rule: 'the address is no address of one host',
    cure: "see the kernel's own words",
    why: (r) => `${r.address} is not for a device`,
  },
  {
    asking: 'route',
    errno: 'EINVAL',
    rule: "the gateway is the namespace's own address",
    cure: "the gateway is another machine's",
    why: gatewayIsOwn,
  },
  ...(['ENETUNREACH', 'EHOSTUNREACH', 'EINVAL'] as const).map(
    (errno): Refusal => ({
      asking: 'route',
      errno,
      rule: 'the gateway is on no network of the device',
      cure: "give the endpoint an address of the gateway's network, or correct the prefix length",
      why: ({ route, ifname }) => (route?.via == null ? null : `${route.via} is on no network of ${ifname}`),
    }),
  ),
  {
    asking: 'route',
    errno: 'ENETDOWN',
    rule: 'the device is down',
    cure: 'ip link set DEVICE up',
    why: (r) => `${r.where} is down`,
  },
  {
    asking: 'route',
    errno: 'EEXIST',
    rule: 'the namespace has another route to the same destination',
    cure: 'remove it, or leave this one out: two endpoints of one namespace cannot both have the default route',
    why: ({ route }) =>
      route === null ? null : `the namespace has another route ${routeText({ to: route.to, via: null })}`,
  },
  {
    asking: 'route',
    errno: 'ESRCH',
    rule: 'there is no such route (any more)',
    cure: 'run apply again',
    why: ({ route }) => (route === null ? null : `there is no route ${routeText(route)}`),
  },
  {
    asking: 'altname',
    errno: 'EEXIST',
    rule: 'a device of the namespace has that name, or that other name, already',
    cure: 'take another one of "altnames"',
    why: (r) => {
      const holder = r.there.find((l) => l.ifname === r.altname || l.traits.altnames.includes(r.altname));
      return holder === undefined ? null : `${nameOf(holder)} is called ${r.altname} already`;
    },
  },
  {
    asking: 'sysctl',
    errno: 'EROFS',
    rule: '/proc/sys is mounted read-only, as in containers',
    cure: 'run it outside, or give the container its own /proc/sys (--privileged)',
    why: () => '/proc/sys is read-only here',
  },
  ...(['EPERM', 'EACCES'] as const).map(
    (errno): Refusal => ({
      asking: 'namespace',
      errno,
      rule: 'a process without CAP_SYS_ADMIN makes no namespaces, and binds none in /run/netns',
      cure: 'sudo, or try the lab with --engine sandbox',
      // The new namespace's lo is tagged by netlink.
      why: (r) => (r.netlink && r.extack === '' ? null : 'making and naming a namespace takes CAP_SYS_ADMIN'),
    }),
  ),
  {
    asking: 'namespace',
    errno: 'EROFS',
    rule: '/run is read-only',
    cure: 'mount a tmpfs on /run/netns, or use `netns: { pid: ... }`',
    why: () => '/run/netns cannot be written',
  },
  {
    asking: 'namespace',
    errno: 'EEXIST',
    rule: 'a namespace, or a file, of that name is there',
    cure: 'ip netns del NAME, when nobody needs it',
    why: (r) => `/run/netns/${r.ifname} is there already`,
  },
  {
    asking: 'namespace',
    errno: 'ENOSPC',
    rule: 'the limit of network namespaces is reached',
    cure: 'raise /proc/sys/user/max_net_namespaces',
    why: () => 'there are as many network namespaces as user.max_net_namespaces allows',
  },
  {
    asking: 'namespace',
    errno: 'EMFILE',
    rule: 'the process may not open more files: a lab holds one for each namespace',
    cure: 'ulimit -n 4096',
    why: () => 'each namespace takes a file, and this process may open no more',
  },
  {
    asking: 'offload',
    errno: 'EOPNOTSUPP',
    rule: 'the driver does not offer l2-fwd-offload, or keeps it as it is',
    cure: 'leave "offload" out: software forwards as well',
    why: (r) => `the driver of ${r.ifname} keeps l2-fwd-offload as it is`,
  },
];

/** What any request may meet. */
export const ANYWHERE: readonly Omit<Refusal, 'asking'>[] = [
  ...(['EPERM', 'EACCES'] as const).map((errno) => ({
    errno,
    rule: 'the process lacks CAP_NET_ADMIN in the namespace (or CAP_SYS_ADMIN, for namespaces)',
    cure: 'sudo, or try the lab with --engine sandbox',
    why: () => 'this takes CAP_NET_ADMIN in the namespace',
  })),
  ...(['ENOMEM', 'ENOBUFS'] as const).map((errno) => ({
    errno,
    rule: 'the kernel has no memory for it',
    cure: 'free some',
    why: () => 'the kernel is out of memory for it',
  })),
];
