// Two kernels' words for the same requests, as text to compare: every message with its header, its attributes in their
// order, whom it names. What must differ is left out here, with the reason.

import { CTRL, ETHTOOL_KERNEL } from '../../../src/netlink/genl.ts';
import { decodeAnswer, decodeMessage, type NlMessage, type Payload, parseMessages } from '../../../src/netlink/message.ts';
import { formOf, SOCK_DIAG } from '../../../src/netlink/payload.ts';
import { GENL_ID_CTRL } from '../../../src/uapi/genl.ts';
import { RTM_NAMES } from '../../../src/uapi/msgtype.ts';
import { NETLINK_GENERIC, NETLINK_SOCK_DIAG, NLMSG_DONE, NLMSG_ERROR } from '../../../src/uapi/netlink.ts';
import { fromHex, type Said, type Step } from './steps.ts';

type Fields = Record<string, unknown>;

/** Keys whose value is replaced, wherever they are. */
const VOLATILE: ReadonlyMap<string, string> = new Map([
  ['stats', 'counters: what the kernel itself sends differs in time'],
  ['stats64', 'counters'],
  ['icmp6stats', 'counters'],
  ['reachableTime', 'drawn by chance'],
  ['stats2', 'counters'],
  ['cstamp', 'time since boot'],
  ['tstamp', 'time since boot'],
  ['confirmed', 'age'],
  ['used', 'age'],
  ['updated', 'age'],
  ['lastuse', 'age'],
  ['clntref', 'how many hold it: Linux counts caches that the model does not have'],
  ['refcnt', 'how many hold it'],
  ['helloTimer', 'what is left of a timer'],
  ['gcTimer', 'what is left of a timer'],
  ['topologyChangeTimer', 'what is left of a timer'],
  ['tcnTimer', 'what is left of a timer'],
  ['forwardDelayTimer', 'what is left of a timer'],
]);

function scrub(value: unknown): unknown {
  if (value instanceof Uint8Array) return Array.from(value).join(' ');
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== 'object' || value === null) return value;
  const out: Fields = {};
  for (const [key, inner] of Object.entries(value as Fields)) {
    const auto = key === 'handle' && (inner as number) >= 0x8000_0000; // the kernel counts these up for all namespaces
    out[key] = VOLATILE.has(key) || auto ? '*' : scrub(inner);
  }
  return out;
}

/** nlctrl's own messages, and ethtool's by command. */
function genericForm(family: number, cmd: number): Payload<unknown, unknown> | null {
  if (family === GENL_ID_CTRL) return CTRL as Payload<unknown, unknown>;
  return (ETHTOOL_KERNEL.get(cmd) as Payload<unknown, unknown> | undefined) ?? null;
}

function oneLine(msg: NlMessage, seq: number, proto: number): string {
  const generic = proto === NETLINK_GENERIC;
  const counted = generic && msg.pid === 0; // ethtool numbers its notifications for all namespaces
  const whom = counted ? 'counted' : `${msg.seq === 0 ? 'seq 0' : msg.seq === seq ? 'own seq' : `seq ${msg.seq}`}, ${msg.pid === 0 ? 'pid 0' : 'own pid'}`;
  const flags = `flags 0x${msg.flags.toString(16)}`;
  if (msg.type === NLMSG_ERROR || msg.type === NLMSG_DONE) {
    const { errno, extack } = decodeAnswer(msg);
    return `${msg.type === NLMSG_DONE ? 'DONE' : 'ERROR'} ${errno} ${JSON.stringify(scrub(extack))} ${flags} ${whom}`;
  }
  const cmd = msg.bytes[msg.at];
  const form = generic ? genericForm(msg.type, cmd) : proto === NETLINK_SOCK_DIAG ? SOCK_DIAG : formOf(msg);
  const name = generic ? `family ${msg.type}` : (RTM_NAMES.get(msg.type) ?? `type ${msg.type}`);
  if (form === null) return `${name} ${flags} ${whom} ${msg.end - msg.at} bytes`;
  const { header, attrs } = decodeMessage(form, msg);
  return `${name} ${flags} ${whom} ${JSON.stringify(scrub(header))} ${JSON.stringify(scrub(attrs))}`;
}

function lines(datagrams: readonly string[], seq: number, proto: number): string[] {
  return datagrams.flatMap((hex) => parseMessages(fromHex(hex)).map((msg) => oneLine(msg, seq, proto)));
}

/** What a step made a kernel say. */
export function told(step: Step, said: Said): string[] {
  const seq = step.hex === '' ? -1 : new DataView(fromHex(step.hex).buffer).getUint32(8, true);
  const heard = Object.entries(said.heard).flatMap(([name, datagrams]) =>
    lines(datagrams, seq, name.endsWith('16') ? NETLINK_GENERIC : 0).map((line) => `${name} hears ${line}`),
  );
  return [...lines(said.answers, seq, step.proto), ...heard];
}
