// A bridge, as `ip -d link` prints it, and the words after `type bridge`. iproute2: ip/iplink_bridge.c.

import { formatMac, parseMac } from '../../../uapi/format.ts';
import type { LinkInfo } from '../../../uapi/linkinfo.ts';
import { type Args, matches, needNumber, parseNumber } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { bridgeId, centis } from './kind-bridge-slave.ts';
import { bridgeKindUsage } from './link-usage.ts';

type Data = NonNullable<LinkInfo['data']>;

/** In the order in which the tool prints them: attribute, key, and how. */
type Line = readonly [attr: keyof Data, key: string, how?: 'timer' | 'id' | 'mac' | 'bool' | 'proto' | 'hex'];

const LINES: readonly Line[] = [
  ['forwardDelay', 'forward_delay'],
  ['helloTime', 'hello_time'],
  ['maxAge', 'max_age'],
  ['ageingTime', 'ageing_time'],
  ['stpState', 'stp_state'],
  ['priority', 'priority'],
  ['vlanFiltering', 'vlan_filtering'],
  ['vlanProtocol', 'vlan_protocol', 'proto'],
  ['bridgeId', 'bridge_id', 'id'],
  ['rootId', 'root_id', 'id'],
  ['rootPort', 'root_port'],
  ['rootPathCost', 'root_path_cost'],
  ['topologyChange', 'topology_change'],
  ['topologyChangeDetected', 'topology_change_detected'],
  ['helloTimer', 'hello_timer', 'timer'],
  ['tcnTimer', 'tcn_timer', 'timer'],
  ['topologyChangeTimer', 'topology_change_timer', 'timer'],
  ['gcTimer', 'gc_timer', 'timer'],
  ['vlanDefaultPvid', 'vlan_default_pvid'],
  ['vlanStatsEnabled', 'vlan_stats_enabled'],
  ['vlanStatsPerPort', 'vlan_stats_per_port'],
  ['groupFwdMask', 'group_fwd_mask', 'hex'],
  ['groupAddr', 'group_addr', 'mac'],
  ['mcastSnooping', 'mcast_snooping'],
  ['multiBoolopt', 'multi_boolopt'],
  ['mcastRouter', 'mcast_router'],
  ['mcastQueryUseIfaddr', 'mcast_query_use_ifaddr'],
  ['mcastQuerier', 'mcast_querier'],
  ['mcastHashElasticity', 'mcast_hash_elasticity'],
  ['mcastHashMax', 'mcast_hash_max'],
  ['mcastLastMemberCnt', 'mcast_last_member_cnt'],
  ['mcastStartupQueryCnt', 'mcast_startup_query_cnt'],
  ['mcastLastMemberIntvl', 'mcast_last_member_intvl'],
  ['mcastMembershipIntvl', 'mcast_membership_intvl'],
  ['mcastQuerierIntvl', 'mcast_querier_intvl'],
  ['mcastQueryIntvl', 'mcast_query_intvl'],
  ['mcastQueryResponseIntvl', 'mcast_query_response_intvl'],
  ['mcastStartupQueryIntvl', 'mcast_startup_query_intvl'],
  ['mcastStatsEnabled', 'mcast_stats_enabled'],
  ['mcastIgmpVersion', 'mcast_igmp_version'],
  ['mcastMldVersion', 'mcast_mld_version'],
  ['nfCallIptables', 'nf_call_iptables'],
  ['nfCallIp6tables', 'nf_call_ip6tables'],
  ['nfCallArptables', 'nf_call_arptables'],
];

/** Where text and JSON use different words. */
const TEXT_NAMES: Record<string, string> = {
  root_id: 'designated_root',
  group_addr: 'group_address',
  mcast_last_member_cnt: 'mcast_last_member_count',
  mcast_startup_query_cnt: 'mcast_startup_query_count',
  mcast_last_member_intvl: 'mcast_last_member_interval',
  mcast_membership_intvl: 'mcast_membership_interval',
  mcast_querier_intvl: 'mcast_querier_interval',
  mcast_query_intvl: 'mcast_query_interval',
  mcast_query_response_intvl: 'mcast_query_response_interval',
  mcast_startup_query_intvl: 'mcast_startup_query_interval',
};

export function printBridge(ip: Ip, data: Data): void {
  for (const line of LINES) printOne(ip, data, line);
}

function printOne(ip: Ip, data: Data, [attr, key, how]: Line): void {
  const { out } = ip;
  const value = data[attr] as unknown;
  if (value === undefined) return;
  const label = TEXT_NAMES[key] ?? key;
  if (how === 'timer') {
    out.raw(key, centis(value as number));
    out.text(`${label} ${centis(value as number).padStart(7)} `);
  } else if (how === 'id') {
    const text = bridgeId(value as { prio: number; addr: number });
    out.any(key, text, `${label} ${text} `);
  } else if (how === 'mac') out.any(key, formatMac(value as number), `${label} ${formatMac(value as number)} `);
  else if (how === 'proto') out.any(key, vlanProtocol(value as number), `${label} ${vlanProtocol(value as number)} `);
  else if (how === 'hex') {
    const text = (value as number).toString(16);
    const hex = text === '0' ? '0' : `0x${text}`;
    out.any(key, hex, `${label} ${hex} `);
  } else if (attr === 'multiBoolopt') printBoolOptions(ip, value as { optval: number; optmask: number });
  else out.any(key, value as number, `${label} ${value as number} `);
}

const vlanProtocol = (n: number): string => (n === 0x8100 ? '802.1Q' : n === 0x88a8 ? '802.1ad' : `[${n}]`);

/** BR_BOOLOPT_NO_LL_LEARN and BR_BOOLOPT_MCAST_VLAN_SNOOPING. */
function printBoolOptions(ip: Ip, o: { optval: number; optmask: number }): void {
  for (const [bit, key] of [
    [1, 'no_linklocal_learn'],
    [2, 'mcast_vlan_snooping'],
  ] as const) {
    const on = (o.optval & bit) !== 0 ? 1 : 0;
    if ((o.optmask & bit) !== 0) ip.out.any(key, on, `${key} ${on} `);
  }
}

const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffffffff;

/** The words that take a number, in the order in which the tool tries them: a beginning is enough. */
const NUMBERS: ReadonlyArray<readonly [word: string, attr: keyof Data | 'bool', max: number]> = [
  ['forward_delay', 'forwardDelay', U32],
  ['hello_time', 'helloTime', U32],
  ['max_age', 'maxAge', U32],
  ['ageing_time', 'ageingTime', U32],
  ['stp_state', 'stpState', U32],
  ['priority', 'priority', U16],
  ['vlan_filtering', 'vlanFiltering', U8],
  ['vlan_protocol', 'vlanProtocol', U16],
  ['group_fwd_mask', 'groupFwdMask', U16],
  ['group_address', 'groupAddr', 0],
  ['fdb_flush', 'fdbFlush', 0],
  ['vlan_default_pvid', 'vlanDefaultPvid', U16],
  ['vlan_stats_enabled', 'vlanStatsEnabled', U8],
  ['vlan_stats_per_port', 'vlanStatsPerPort', U8],
  ['mcast_router', 'mcastRouter', U8],
  ['mcast_snooping', 'mcastSnooping', U8],
  ['mcast_vlan_snooping', 'bool', U8],
  ['mcast_query_use_ifaddr', 'mcastQueryUseIfaddr', U8],
  ['mcast_querier', 'mcastQuerier', U8],
  ['mcast_hash_elasticity', 'mcastHashElasticity', U32],
  ['mcast_hash_max', 'mcastHashMax', U32],
  ['mcast_last_member_count', 'mcastLastMemberCnt', U32],
  ['mcast_startup_query_count', 'mcastStartupQueryCnt', U32],
  ['mcast_last_member_interval', 'mcastLastMemberIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_membership_interval', 'mcastMembershipIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_querier_interval', 'mcastQuerierIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_query_interval', 'mcastQueryIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_query_response_interval', 'mcastQueryResponseIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_startup_query_interval', 'mcastStartupQueryIntvl', Number.MAX_SAFE_INTEGER],
  ['mcast_stats_enabled', 'mcastStatsEnabled', U8],
  ['mcast_igmp_version', 'mcastIgmpVersion', U8],
  ['mcast_mld_version', 'mcastMldVersion', U8],
  ['nf_call_iptables', 'nfCallIptables', U8],
  ['nf_call_ip6tables', 'nfCallIp6tables', U8],
  ['nf_call_arptables', 'nfCallArptables', U8],
  ['no_linklocal_learn', 'bool', U8],
];

/** bridge_parse_opt(). */
export function parseBridge(args: Args): Data {
  const data: Record<string, unknown> = {};
  for (; args.more; args.skip()) {
    const word = args.word;
    const known = NUMBERS.find(([name]) => matches(word, name));
    if (known === undefined) {
      if (matches(word, 'help')) throw new ToolError(bridgeKindUsage, 1);
      throw new ToolError(`bridge: unknown command "${word}"?\n${bridgeKindUsage}`, 1);
    }
    const [name, attr, max] = known;
    if (attr === 'fdbFlush') data.fdbFlush = true;
    else if (attr === 'groupAddr') {
      const text = args.need();
      const mac = parseMac(text);
      if (mac === null) throw new ToolError(`"${text}" is invalid lladdr.\n`, 1);
      data.groupAddr = mac;
    } else if (attr === 'vlanProtocol') {
      const text = args.need();
      const named = { '802.1ad': 0x88a8, '802.1q': 0x8100 }[text.toLowerCase()];
      data.vlanProtocol = named ?? parseNumber(text, U16) ?? invarg('invalid vlan_protocol', text);
    } else if (attr === 'bool') {
      const bit = name === 'no_linklocal_learn' ? 1 : 2;
      const on = needNumber(`invalid ${name}`, args.need(), max) !== 0;
      const old = (data.multiBoolopt as { optval: number; optmask: number } | undefined) ?? { optval: 0, optmask: 0 };
      data.multiBoolopt = { optval: old.optval | (on ? bit : 0), optmask: old.optmask | bit };
    } else data[attr] = needNumber(`invalid ${name}`, args.need(), max);
  }
  return data as Data;
}
