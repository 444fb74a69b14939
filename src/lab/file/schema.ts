// The lab file as a JSON Schema (draft 7, which editors know best): completion, hovering and the first checks while one types.
// The parser (lab-yaml.ts) is the law: it knows names, sums and the machine, and this only forms. test/lab-schema.test.ts holds
// the two against each other; schema/lab.schema.json is this, printed.

import { profiles } from '../../drivers/nic/profiles.ts';
import { MACVLAN_ERAS } from '../machine.ts';
import { machineSchema } from '../machine-schema.ts';

export type Schema = { readonly [key: string]: unknown };

const IP4 = '(?:\\d{1,3}\\.){3}\\d{1,3}';
const IP6 = '[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*';
const ADDRESS = `(?:${IP4}|${IP6})`;
const NAME = '^[A-Za-z0-9][A-Za-z0-9_.-]*$';

const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });
const flag = (description: string, more: Schema = {}): Schema => ({ type: 'boolean', description, ...more });
const whole = (description: string, minimum: number, maximum: number): Schema => ({
  ...{ type: 'integer', description, minimum, maximum },
});
const record = (properties: Schema, more: Schema = {}): Schema => ({
  ...{ type: ['object', 'null'], additionalProperties: false, properties, ...more },
});
const named = (description: string, value: Schema): Schema => ({
  ...{ type: ['object', 'null'], description, propertyNames: { pattern: NAME }, additionalProperties: value },
});
const list = (description: string, items: Schema): Schema => ({ type: ['array', 'null'], description, items });

const prefix = text('an address with its prefix length: 192.168.0.1/24, fd00::1/64; IPv6 also: fd00::1/64 nodad', {
  pattern: `^\\s*(?:${IP4}(?:/\\d{1,3})?|${IP6}(?:/\\d{1,3})?(?:\\s+nodad)?)\\s*$`,
});
const route = text('default via 192.168.0.254; 10.0.0.0/8 via 192.168.0.1; 192.168.9.0/24 (on the link)', {
  pattern: `^\\s*(?:default\\s+via\\s+${ADDRESS}|${ADDRESS}(?:/\\d{1,3})?(?:\\s+via\\s+${ADDRESS})?)\\s*$`,
});
const mac = text("a device's own address: 02:00:00:00:00:01", {
  pattern: '^[0-9A-Fa-f]{1,2}(?:[:-][0-9A-Fa-f]{1,2}){5}$',
});
const device = text('the name of a device: at most 15 characters', {
  pattern: '^(?!(?:\\.|\\.\\.|lo|all|default)$)[^/:\\s%]{1,15}$',
});

const traits = {
  promisc: flag('it hears all that comes by. Default: left as it is'),
  allmulti: flag('it hears all groups. Default: left as it is'),
  arp: flag('false: neither ARP nor neighbour discovery. Default: left as it is'),
  altnames: list('other names of the device. Default: left as they are', {
    type: 'string',
    pattern: '^[^/\\s]{1,127}$',
  }),
};

const ipv6 = {
  description: 'false: disable_ipv6 on every macvlan; or a map of what differs from the kernel',
  default: true,
  anyOf: [
    { type: 'boolean' },
    record({
      acceptRa: whole('accept_ra: 0 no router is believed, 1 unless it forwards, 2 always', 0, 2),
      autoconf: flag("autoconf: addresses from routers' prefixes"),
      acceptDad: whole('accept_dad: 0 no duplicate address detection, 1 yes, 2 and IPv6 off on a duplicate', 0, 2),
      addrGenMode: {
        enum: ['eui64', 'none', 'random'],
        description: 'addrgenmode: how the link-local address is made',
      },
    }),
  ],
};

const network = record(
  {
    lower: { ...device, description: "the device that the macvlans stand on, in the host's namespace" },
    mode: {
      enum: ['private', 'vepa', 'bridge', 'passthru', 'source'],
      default: 'bridge',
      description:
        'bridge: endpoints hear each other; vepa, private: through the wire, or not at all; passthru: one alone; source: by sender',
    },
    vlan: whole('a VLAN device between, called eth0.100', 1, 4094),
    mtu: whole("of the macvlans, and of the VLAN device. Default: the lower device's", 68, 65535),
    offload: flag("turns the lower device's l2-fwd-offload on or off. Default: left as it is"),
    hostShim: {
      description: 'a macvlan through which the host reaches the others: an address, or a map',
      anyOf: [
        prefix,
        record({
          device,
          addresses: list('addresses of the host on this network', prefix),
          routes: list('routes of the host over it', route),
          ...traits,
        }),
      ],
    },
    macs: {
      enum: ['stable', 'random'],
      default: 'stable',
      description: "stable: from the names of lab and endpoint; random: the kernel's choice",
    },
    queues: whole('transmit and receive queues of each macvlan. Default: 1', 1, 4096),
    txQueueLength: whole('txqueuelen, for a qdisc that somebody puts on them. Default: 1000', 0, 0xffffffff),
    broadcastQueue: whole('bcqueuelen: frames that wait to be flooded. Default: 1000', 0, 0xffffffff),
    broadcastCutoff: whole('bclim: groups that more macvlans than so hear are flooded from the queue', -1, 0x7fffffff),
    nopromisc: flag('passthru: the lower device does not become promiscuous', { default: false }),
    nodst: flag('source: a frame of one of its sources goes to nobody else', { default: false }),
    ipv6,
  },
  { required: ['lower'], type: 'object', description: 'macvlans of one kind on one device' },
);

const netns = {
  description: 'a name (made where it is missing, removed with the lab), host, { pid: 4711 } or { path: /run/x }',
  anyOf: [
    { type: 'string', pattern: '^(?!\\.)[^/\\s]{1,255}$' },
    record({ pid: whole('the namespace of a process', 1, 4194304) }, { type: 'object', required: ['pid'] }),
    record({ path: text('of a bound file', { pattern: '^/' }) }, { type: 'object', required: ['path'] }),
  ],
};

const endpoint = record(
  {
    network: text('which one. Default: the only one'),
    netns,
    device: { ...device, default: 'eth0' },
    mac,
    addresses: list('of both families', prefix),
    routes: list('static routes', route),
    gateway: text('of the default route: 192.168.0.254', { pattern: `^${ADDRESS}$` }),
    sources: list('source mode: whom it hears', mac),
    kind: {
      enum: ['macvlan', 'macvtap'],
      default: 'macvlan',
      description: 'macvtap: a macvlan with /dev/tapN, for virtual machines',
    },
    ...traits,
  },
  { description: 'a macvlan, or a macvtap, in a namespace' },
);

const traffic = { enum: ['ipv4', 'ipv6', 'broadcast', 'multicast'], default: 'ipv4' };

const expectation = {
  anyOf: [
    {
      type: 'string',
      description:
        'a -> b, a <-> b, a -/> b (must not), a </> b; with (ipv4), (ipv6), (broadcast) or (multicast) behind it',
      pattern: '^\\s*\\S+\\s+(?:->|<->|-/>|</>)\\s+\\S+(?:\\s+\\((?:ipv4|ipv6|broadcast|multicast)\\))?\\s*$',
    },
    record(
      {
        from: text('an endpoint, a peer, or host'),
        to: text('an endpoint, a peer, or host'),
        traffic,
        reach: flag('false: it must not', { default: true }),
      },
      { type: 'object', required: ['from', 'to'] },
    ),
  ],
};

const where = [
  { required: ['machine'], not: { required: ['host'], properties: { host: { const: true } } } },
  { required: ['host'], properties: { host: { const: true } }, not: { required: ['machine'] } },
];

export const LAB_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A lowerdev lab: macvlans that should exist, and who should reach whom',
  type: 'object',
  additionalProperties: false,
  oneOf: where,
  properties: {
    lab: text("the name that all of it is tagged with. Default: the file's or its folder's", { pattern: NAME }),
    machine: machineSchema(
      profiles.map((p) => p.name),
      MACVLAN_ERAS,
    ),
    host: flag('on this machine, instead of a "machine"'),
    networks: named('lower devices and how macvlans stand on them', network),
    endpoints: named('macvlans, by name', endpoint),
    expect: list('who reaches whom, and who must not', expectation),
  },
};
