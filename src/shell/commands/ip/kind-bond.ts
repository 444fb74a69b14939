// Bonds and their ports: what `ip -d link` prints of them, and the words that make and change them.
// iproute2: ip/iplink_bond.c, iplink_bond_slave.c.

import type { IpAddr } from '../../../uapi/attr.ts';
import {
  BOND_AD_SELECT,
  BOND_ARP_ALL_TARGETS,
  BOND_ARP_VALIDATE,
  BOND_FAIL_OVER_MAC,
  BOND_LACP_ACTIVE,
  BOND_LACP_RATE,
  BOND_LINKS,
  BOND_MODES,
  BOND_PRIMARY_RESELECT,
  BOND_SLAVE_STATES,
  BOND_XMIT_HASH,
  type BondSlaveAttrs,
} from '../../../uapi/bond.ts';
import { formatIp4, parseIp4, parseMac } from '../../../uapi/format.ts';
import type { LinkInfo } from '../../../uapi/linkinfo.ts';
import { type Args, formatMac, matches, needNumber, parseNumber, parseSigned } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { bondSlaveUsage, bondUsage } from './usage-bond.ts';

type Data = NonNullable<LinkInfo['data']>;

/** How a value is said: a number of so many bits, a name out of a list, a device. */
type How = 8 | 16 | 32 | readonly string[] | 'dev' | 'targets' | 'mac';

interface Line {
  readonly word: string;
  readonly attr: keyof Data;
  readonly how: How;
  /** Key in JSON, where it is another than the word. */
  readonly json?: string;
}

/** In the order in which they are printed; words are tried in the tool's order, which differs only for abbreviations. */
const LINES: readonly Line[] = [
  { word: 'mode', attr: 'bondMode', how: BOND_MODES },
  { word: 'active_slave', attr: 'activeSlave', how: 'dev' },
  { word: 'miimon', attr: 'miimon', how: 32 },
  { word: 'updelay', attr: 'updelay', how: 32 },
  { word: 'downdelay', attr: 'downdelay', how: 32 },
  { word: 'peer_notify_delay', attr: 'peerNotifDelay', how: 32 },
  { word: 'use_carrier', attr: 'useCarrier', how: 8 },
  { word: 'arp_interval', attr: 'arpInterval', how: 32 },
  { word: 'arp_missed_max', attr: 'missedMax', how: 8 },
  { word: 'arp_ip_target', attr: 'arpIpTarget', how: 'targets' },
  { word: 'arp_validate', attr: 'arpValidate', how: BOND_ARP_VALIDATE },
  { word: 'arp_all_targets', attr: 'arpAllTargets', how: BOND_ARP_ALL_TARGETS },
  { word: 'primary', attr: 'primary', how: 'dev' },
  { word: 'primary_reselect', attr: 'primaryReselect', how: BOND_PRIMARY_RESELECT },
  { word: 'fail_over_mac', attr: 'failOverMac', how: BOND_FAIL_OVER_MAC },
  { word: 'xmit_hash_policy', attr: 'xmitHashPolicy', how: BOND_XMIT_HASH },
  { word: 'resend_igmp', attr: 'resendIgmp', how: 32 },
  { word: 'num_grat_arp', attr: 'numPeerNotif', how: 8, json: 'num_peer_notif' },
  { word: 'all_slaves_active', attr: 'allSlavesActive', how: 8 },
  { word: 'min_links', attr: 'minLinks', how: 32 },
  { word: 'lp_interval', attr: 'lpInterval', how: 32 },
  { word: 'packets_per_slave', attr: 'packetsPerSlave', how: 32 },
  { word: 'lacp_active', attr: 'adLacpActive', how: BOND_LACP_ACTIVE, json: 'ad_lacp_active' },
  { word: 'lacp_rate', attr: 'adLacpRate', how: BOND_LACP_RATE, json: 'ad_lacp_rate' },
  { word: 'ad_select', attr: 'adSelect', how: BOND_AD_SELECT },
  { word: 'ad_actor_sys_prio', attr: 'adActorSysPrio', how: 16 },
  { word: 'ad_user_port_key', attr: 'adUserPortKey', how: 16 },
  { word: 'ad_actor_system', attr: 'adActorSystem', how: 'mac' },
  { word: 'tlb_dynamic_lb', attr: 'tlbDynamicLb', how: 8 },
];

export function printBond(ip: Ip, data: Data): void {
  for (const line of LINES) {
    const value = data[line.attr];
    if (value === undefined) continue;
    if (line.how === 'targets') printTargets(ip, data.arpIpTarget ?? []);
    else printLine(ip, line, value as number);
  }
}

function printLine(ip: Ip, { word, how, json }: Line, value: number): void {
  if (how === 'dev') {
    if (value !== 0) ip.out.any(word, ip.links.name(value), `${word} ${ip.links.name(value)} `);
    return;
  }
  if (how === BOND_ARP_VALIDATE && value === 0 && ip.out.json) {
    ip.out.value(json ?? word, null); // the tool's way of saying none
    return;
  }
  const said = how === 'mac' ? formatMac(value) : typeof how === 'number' ? value : ((how as string[])[value] ?? '');
  ip.out.any(json ?? word, said, `${word} ${said} `);
}

function printTargets(ip: Ip, targets: readonly IpAddr[]): void {
  const { out } = ip;
  const all = targets.map((t) => formatIp4(t as number));
  out.openArray('arp_ip_target');
  for (const t of all) out.value(null, t);
  out.closeArray();
  out.text(`arp_ip_target ${all.join(',')} `);
}

/** bond_parse_opt(). */
export function parseBond(ip: Ip, args: Args): Data {
  const data: Record<string, unknown> = {};
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'clear_active_slave')) {
      data.activeSlave = 0;
      continue;
    }
    const line = LINES.find((l) => matches(word, l.word)) ?? aliasOf(word);
    if (line !== undefined) data[line.attr] = readValue(ip, line, args.need());
    else if (matches(word, 'ns_ip6_target'))
      throw new ToolError('ip: lowerdev has no "ns_ip6_target" of bonds yet\n', 1);
    else if (word === 'help') throw new ToolError(bondUsage, 1);
    else throw new ToolError(`bond: unknown command "${word}"?\n${bondUsage}`, 1);
  }
  return data as Data;
}

function aliasOf(word: string): Line | undefined {
  return matches(word, 'num_unsol_na') ? LINES.find((l) => l.attr === 'numPeerNotif') : undefined;
}

function readValue(ip: Ip, { word, how }: Line, text: string): unknown {
  if (how === 'dev') {
    const index = ip.links.index(text);
    if (index === 0) throw new ToolError(`Cannot find device "${text}"\n`, 1);
    return index;
  }
  if (how === 'targets') return text.split(',').map((t) => parseIp4(t) ?? invarg(`invalid ${word}`, text));
  if (how === 'mac') return parseMac(text) ?? invarg(`invalid ${word}`, text);
  if (typeof how === 'number')
    return needNumber(`invalid ${word}`, text, how === 8 ? 255 : how === 16 ? 65535 : 0xffffffff);
  const at = how.indexOf(text);
  if (at >= 0) return at;
  const number = parseNumber(text);
  return number !== null && number < how.length ? number : invarg(`invalid ${word}`, text);
}

export function printBondSlave(ip: Ip, data: BondSlaveAttrs): void {
  const { out } = ip;
  const say = (key: string, value: string | number | undefined): void => {
    if (value !== undefined) out.any(key, value, `${key} ${value} `);
  };
  if (data.bondState !== undefined) say('state', BOND_SLAVE_STATES[data.bondState] ?? String(data.bondState));
  if (data.miiStatus !== undefined) say('mii_status', BOND_LINKS[data.miiStatus] ?? String(data.miiStatus));
  say('link_failure_count', data.linkFailureCount);
  if (data.permHwaddr !== undefined) say('perm_hwaddr', formatMac(data.permHwaddr));
  say('queue_id', data.queueId);
  say('prio', data.prio);
}

/** bond_slave_parse_opt(). */
export function parseBondSlave(args: Args): BondSlaveAttrs {
  const data: Record<string, unknown> = {};
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'queue_id')) data.queueId = needNumber('queue_id is invalid', args.need(), 0xffff);
    else if (word === 'prio') {
      const text = args.need();
      data.prio = parseSigned(text) ?? invarg('prio is invalid', text);
    } else {
      const complaint = word === 'help' ? '' : `bond_slave: unknown option "${word}"?\n`;
      throw new ToolError(complaint + bondSlaveUsage, 1);
    }
  }
  return data as BondSlaveAttrs;
}
