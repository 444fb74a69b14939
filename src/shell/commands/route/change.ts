// route add, route del: what SIOCADDRT and SIOCDELRT make of the words. Linux tool: net-tools 2.10, inet_sr.c; Linux:
// net/ipv4/fib_frontend.c, rtentry_to_fib_config().

import { NlClient } from '../../../netlink/client.ts';
import { ROUTE } from '../../../netlink/payload.ts';
import { strerror } from '../../../uapi/errno.ts';
import { RTM_DELROUTE, RTM_NEWROUTE } from '../../../uapi/msgtype.ts';
import { NLM_F_CREATE } from '../../../uapi/netlink.ts';
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTPROT_BOOT,
} from '../../../uapi/route.ts';
import type { Proc } from '../../process.ts';
import { inetAton, lookup } from '../hosts.ts';
import { linkNamed } from '../links.ts';

const USAGE = `Usage: inet_route [-vF] del {-host|-net} Target[/prefix] [gw Gw] [metric M] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [gw Gw] [metric M]
                              [netmask N] [mss Mss] [window W] [irtt I]
                              [mod] [dyn] [reinstate] [[dev] If]
       inet_route [-vF] add {-host|-net} Target[/prefix] [metric M] reject
       inet_route [-FC] flush      NOT supported
`;
const ENODEV = 19;
const EINVAL = 22;

interface Wanted {
  target: number;
  mask: number | null;
  gateway: number | null;
  metric: number;
  dev: string | null;
  reject: boolean;
  mss: number;
  window: number;
  irtt: number;
}

class Refusal extends Error {
  readonly code: number;
  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

export async function change(proc: Proc, add: boolean, words: readonly string[]): Promise<number> {
  try {
    const wanted = await parse(proc, words);
    if (wanted === null) {
      proc.out(USAGE);
      return 0;
    }
    const errno = request(proc, add, wanted);
    if (errno === 0) return 0;
    proc.err(`${add ? 'SIOCADDRT' : 'SIOCDELRT'}: ${strerror(errno)}\n`);
    return 7;
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    proc.err(e.message);
    return e.code;
  }
}

async function parse(proc: Proc, argv: readonly string[]): Promise<Wanted | null> {
  const words = [...argv];
  const kind = words[0] === '-net' || words[0] === '-host' ? words.shift() : null;
  const target = words.shift();
  if (target === undefined) return kind === null ? null : refuse(USAGE, 3);
  const w: Wanted = {
    target: 0,
    mask: null,
    gateway: null,
    metric: 0,
    dev: null,
    reject: false,
    mss: 0,
    window: 0,
    irtt: 0,
  };
  const [name, length] = target.split('/');
  const isDefault = name === 'default';
  if (isDefault) w.mask = 0;
  else {
    w.target = await address(proc, name, kind === '-net' ? 'Host name lookup failure' : 'Unknown host');
    if (length !== undefined && length !== '') w.mask = maskOf(length);
  }
  const isNet = kind === null ? isDefault : kind === '-net';
  while (words.length > 0) {
    const word = words.shift() as string;
    const value = (): string => words.shift() ?? refuse(USAGE, 3);
    if (word === 'gw' || word === 'gateway') w.gateway = await address(proc, value(), 'Unknown host');
    else if (word === 'netmask') {
      const mask = value();
      if (w.mask !== null) refuse(USAGE, 3);
      w.mask = netmask(mask);
    } else if (word === 'metric') {
      const text = value();
      if (!/^[0-9]/.test(text)) refuse(USAGE, 3);
      w.metric = (((atoi(text) + 1) << 16) >> 16) - 1; // struct rtentry keeps one more, in a short
    } else if (word === 'mss' || word === 'mtu') {
      w.mss = atoi(value());
      if (w.mss < 64 || w.mss > 65536) refuse(`route: Invalid MSS/MTU.\n${USAGE}`, 3);
    } else if (word === 'window') {
      w.window = atoi(value());
      if (w.window < 128) refuse(`route: Invalid window.\n${USAGE}`, 3);
    } else if (word === 'irtt') w.irtt = atoi(value()) & 0xffff;
    else if (word === 'reject') w.reject = true;
    else if (word === 'dev' || word === 'device') {
      const dev = value();
      if (w.dev !== null) refuse(USAGE, 3);
      w.dev = dev;
    } else if (word === 'mod' || word === 'dyn' || word === 'reinstate') continue;
    else if (w.dev === null && words.length === 0) w.dev = word;
    else refuse(USAGE, 3);
  }
  if (!isNet && w.mask !== null && w.mask !== 0xffffffff) {
    const host = (~w.mask >>> 0).toString(16).padStart(8, '0');
    refuse(`route: netmask ${host} doesn't make sense with host route\n${USAGE}`, 3);
  }
  if (w.mask !== null && (w.target & ~w.mask) !== 0) {
    refuse(`route: netmask doesn't match route address\n${USAGE}`, 3);
  }
  w.mask ??= isNet ? 0 : 0xffffffff;
  return w;
}

/** The number that a text begins with, as an int; 0: none. */
function atoi(text: string): number {
  const digits = /^\s*[-+]?\d+/.exec(text)?.[0] ?? '0';
  const n = BigInt(digits.replace('+', ''));
  const limit = 2n ** 63n;
  return Number(BigInt.asIntN(32, n >= limit ? limit - 1n : n < -limit ? -limit : n));
}

/** 0, or the errno that the ioctl would give. */
function request(proc: Proc, add: boolean, w: Wanted): number {
  const mask = w.mask as number;
  if ((w.target & ~mask) !== 0) return EINVAL;
  const client = new NlClient(proc.os.netlink(proc.ns, 0));
  try {
    let oif: number | null = null;
    let gateway = w.gateway;
    if (w.reject)
      gateway = null; // and the device is not even looked for
    else if (w.dev !== null) {
      const found = linkNamed(client, w.dev);
      if (found === null) return ENODEV;
      oif = found.header.index;
    } else if (add && gateway === null) return ENODEV;
    if (add && gateway === 0) return EINVAL;
    const made = gateway === null ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    const scope = w.reject ? RT_SCOPE_HOST : add ? made : RT_SCOPE_NOWHERE;
    const type = w.reject ? RTN_UNREACHABLE : RTN_UNICAST;
    const header = {
      family: 2,
      dstLen: lengthOf(mask),
      table: RT_TABLE_MAIN,
      protocol: add ? RTPROT_BOOT : 0,
      scope,
      type,
    };
    const metrics = {
      ...(w.mss > 0 ? { advmss: w.mss - 40 } : {}),
      ...(w.window > 0 ? { window: w.window } : {}),
      ...(w.irtt > 0 ? { rtt: w.irtt * 8 } : {}),
    };
    const attrs = {
      ...(header.dstLen > 0 ? { dst: w.target } : {}),
      ...(oif === null ? {} : { oif }),
      ...(gateway === null ? {} : { gateway }),
      ...(w.metric > 0 ? { priority: w.metric } : {}),
      ...(Object.keys(metrics).length > 0 ? { metrics } : {}),
    };
    const refusal = client.tryRequest(ROUTE, add ? RTM_NEWROUTE : RTM_DELROUTE, add ? NLM_F_CREATE : 0, header, attrs);
    return refusal === null ? 0 : refusal.errno;
  } finally {
    client.close();
  }
}

async function address(proc: Proc, name: string, failure: string): Promise<number> {
  const ip = inetAton(name) ?? (await lookup(proc, name));
  return ip ?? refuse(`${name}: ${failure}\n`, 6);
}

function refuse(message: string, code: number): never {
  throw new Refusal(message, code);
}

/** Lengths that there are not are shifted all the same, as the processor does it. */
function maskOf(length: string): number {
  if (!/^-?[0-9]+$/.test(length)) refuse(USAGE, 3);
  const n = Number(length);
  return n === 32 ? 0xffffffff : ~(0xffffffff >>> n) >>> 0;
}

function netmask(text: string): number {
  const mask = inetAton(text);
  if (mask === null) return refuse(`route: bogus netmask ${text}\n${USAGE}`, 3);
  const host = ~mask >>> 0;
  if ((host & (host + 1)) !== 0) refuse(`route: bogus netmask ${text}\n${USAGE}`, 3);
  return mask;
}

function lengthOf(mask: number): number {
  return mask === 0xffffffff ? 32 : Math.clz32(~mask >>> 0);
}
