// A bridge's port, as `ip -d link` prints it, and the words after `type bridge_slave`.
// iproute2: ip/iplink_bridge_slave.c.

import { wordTable } from '../../../base/word-table.ts';
import { BR_STATES } from '../../../uapi/bridge.ts';
import { formatMac } from '../../../uapi/format.ts';
import type { LinkInfo } from '../../../uapi/linkinfo.ts';
import { type Args, matches, needNumber } from '../iproute/args.ts';
import { invarg, notOneOf, ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { bridgeSlaveUsage } from './link-usage.ts';

type Port = NonNullable<LinkInfo['slaveData']>;

/** Hundredths of seconds, as seconds with two places. */
export const centis = (value: number): string => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`;

/** The address's bytes come without leading zeros. */
export const bridgeId = (id: { prio: number; addr: number }): string =>
  `${id.prio.toString(16).padStart(4, '0')}.${formatMac(id.addr).replace(/\b0(?=[0-9a-f])/g, '')}`;

export function printBridgeSlave(ip: Ip, p: Port): void {
  const { out } = ip;
  const number = (key: string, value: number | undefined, label = key): void => {
    if (value !== undefined) out.any(key, value, `${label} ${value} `);
  };
  const onOff = (key: string, value: number | undefined, label = key): void => {
    if (value === undefined) return;
    out.value(key, value !== 0);
    out.text(`${label} ${value !== 0 ? 'on' : 'off'} `);
  };
  const timer = (key: string, value: number | undefined): void => {
    if (value === undefined) return;
    out.raw(key, centis(value));
    out.text(`${key} ${centis(value).padStart(7)} `);
  };
  if (p.state !== undefined) {
    const state = BR_STATES[p.state];
    if (state !== undefined) out.any('state', state, `state ${state} `);
    else out.any('state_index', p.state, `state (${p.state}) `);
  }
  number('priority', p.priority);
  number('cost', p.cost);
  onOff('hairpin', p.mode);
  onOff('guard', p.guard);
  onOff('root_block', p.protect);
  onOff('fastleave', p.fastLeave);
  onOff('learning', p.learning);
  onOff('flood', p.unicastFlood);
  const hex = (v: number): string => `0x${v.toString(16)}`;
  if (p.id !== undefined) out.any('id', hex(p.id), `port_id ${hex(p.id)} `);
  if (p.no !== undefined) out.any('no', hex(p.no), `port_no ${hex(p.no)} `);
  number('designated_port', p.designatedPort);
  number('designated_cost', p.designatedCost);
  if (p.bridgeId !== undefined)
    out.any('bridge_id', bridgeId(p.bridgeId), `designated_bridge ${bridgeId(p.bridgeId)} `);
  if (p.rootId !== undefined) out.any('root_id', bridgeId(p.rootId), `designated_root ${bridgeId(p.rootId)} `);
  timer('hold_timer', p.holdTimer);
  timer('message_age_timer', p.messageAgeTimer);
  timer('forward_delay_timer', p.forwardDelayTimer);
  number('topology_change_ack', p.topologyChangeAck);
  number('config_pending', p.configPending);
  onOff('proxy_arp', p.proxyarp);
  onOff('proxy_arp_wifi', p.proxyarpWifi);
  number('multicast_router', p.multicastRouter, 'mcast_router');
  if (p.fastLeave !== undefined) out.text(`mcast_fast_leave ${p.fastLeave !== 0 ? 'on' : 'off'} `);
  onOff('mcast_flood', p.mcastFlood);
  onOff('bcast_flood', p.bcastFlood);
  onOff('mcast_to_unicast', p.mcastToUcast);
  onOff('neigh_suppress', p.neighSuppress);
  if (p.groupFwdMask !== undefined) {
    const text = p.groupFwdMask.toString(16);
    out.any('group_fwd_mask', text, `group_fwd_mask ${text} `);
    out.any('group_fwd_mask_str', `0x${text}`, `group_fwd_mask_str 0x${text} `);
  }
  onOff('vlan_tunnel', p.vlanTunnel);
  onOff('isolated', p.isolated);
  onOff('locked', p.locked);
  if (p.mab !== undefined && p.mab !== 0) onOff('mab', p.mab);
  if (p.backupPort !== undefined) {
    const name = ip.links.name(p.backupPort);
    out.any('backup_port', name, `backup_port ${name} `);
  }
}

/** Words with a number or a switch behind them, and the attribute that they set. */
const NUMBERS = wordTable<readonly [attr: keyof Port, max: number, complaint: string]>({
  state: ['state', 0xff, 'state is invalid'],
  priority: ['priority', 0xffff, 'priority is invalid'],
  cost: ['cost', 0xffffffff, 'cost is invalid'],
  mcast_router: ['multicastRouter', 0xff, 'invalid mcast_router'],
  group_fwd_mask: ['groupFwdMask', 0xffff, 'invalid group_fwd_mask'],
});
const SWITCHES = wordTable<keyof Port>({
  hairpin: 'mode',
  guard: 'guard',
  root_block: 'protect',
  fastleave: 'fastLeave',
  learning: 'learning',
  flood: 'unicastFlood',
  proxy_arp: 'proxyarp',
  proxy_arp_wifi: 'proxyarpWifi',
  mcast_fast_leave: 'fastLeave',
  mcast_flood: 'mcastFlood',
  bcast_flood: 'bcastFlood',
  mcast_to_unicast: 'mcastToUcast',
  neigh_suppress: 'neighSuppress',
  vlan_tunnel: 'vlanTunnel',
  isolated: 'isolated',
  locked: 'locked',
});

/** In the order in which the tool tries them: a beginning is enough. */
const WORDS: readonly string[] = (
  'fdb_flush state priority cost hairpin guard root_block fastleave learning flood mcast_flood proxy_arp proxy_arp_wifi ' +
  'mcast_router mcast_fast_leave bcast_flood mcast_to_unicast group_fwd_mask neigh_suppress vlan_tunnel isolated locked ' +
  'backup_port nobackup_port help'
).split(' ');

/** bridge_slave_parse_opt(). */
export function parseBridgeSlave(ip: Ip, args: Args): Port {
  const data: Record<string, unknown> = {};
  for (; args.more; args.skip()) {
    const word = WORDS.find((name) => matches(args.word, name)) ?? args.word;
    const number = NUMBERS[word];
    const onOff = SWITCHES[word];
    if (number !== undefined) {
      const [attr, max, complaint] = number;
      data[attr] = needNumber(complaint, args.need(), max);
    } else if (onOff !== undefined) {
      const text = args.need();
      if (text !== 'on' && text !== 'off') notOneOf(word, ['off', 'on'], text, 1);
      data[onOff] = text === 'on' ? 1 : 0;
    } else if (word === 'fdb_flush') data.flush = true;
    else if (word === 'nobackup_port') data.backupPort = 0;
    else if (word === 'backup_port') {
      const name = args.need();
      data.backupPort = ip.links.index(name);
      if (data.backupPort === 0) invarg('Device does not exist\n', name);
    } else if (word === 'help') throw new ToolError(bridgeSlaveUsage, 1);
    else throw new ToolError(`bridge_slave: unknown option "${word}"?\n${bridgeSlaveUsage}`, 1);
  }
  return data as Port;
}
