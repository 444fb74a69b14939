// A port's settings: IFLA_BRPORT_* in and out, for ip link ... type bridge_slave and for bridge link.
// Linux: net/bridge/br_netlink.c, br_setport(), br_port_fill_attrs().

import { type Attrs, Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { E } from '../common.ts';
import { type BridgePort, portOf } from './br.ts';
import {
  BLOCKING,
  CENTISECOND_NS,
  DISABLED,
  P_BCAST_FLOOD,
  P_FLOOD,
  P_HAIRPIN,
  P_ISOLATED,
  P_LEARNING,
  P_MCAST_FLOOD,
} from './const.ts';
import { canForward, selectStates } from './stp.ts';

const MAX_PRIORITY = 63;
const MAX_PATH_COST = 65535;
const MACPAUSE = 2;

const FLAGS: ReadonlyArray<readonly [key: string, flag: number]> = [
  ['mode', P_HAIRPIN],
  ['learning', P_LEARNING],
  ['unicastFlood', P_FLOOD],
  ['mcastFlood', P_MCAST_FLOOD],
  ['bcastFlood', P_BCAST_FLOOD],
  ['isolated', P_ISOLATED],
];

/** Kept and shown: about the spanning tree protocol and multicast groups, which never speak here. */
const KEPT: ReadonlyArray<readonly [key: string, initial: number, max: number]> = [
  ['guard', 0, 1],
  ['protect', 0, 1],
  ['fastLeave', 0, 1],
  ['multicastRouter', 1, 3],
  ['mcastEhtHostsLimit', 512, 0xffffffff],
];

/** Only "off" is accepted. */
const OFF: ReadonlyArray<readonly [key: string, what: string]> = [
  ['mcastToUcast', 'mcast_to_unicast'],
  ['proxyarp', 'proxy_arp'],
  ['proxyarpWifi', 'proxy_arp_wifi'],
  ['vlanTunnel', 'vlan_tunnel'],
  ['neighSuppress', 'neigh_suppress'],
  ['neighVlanSuppress', 'neigh_vlan_suppress'],
  ['locked', 'locked'],
  ['mab', 'mab'],
  ['backupPort', 'backup_port'],
  ['backupNhid', 'backup_nhid'],
  ['mcastMaxGroups', 'mcast_max_groups'],
];

export function changePort(_master: NetDevice, slave: NetDevice, data: Attrs): void {
  const port = portOf(slave);
  if (port === null) throw new Refusal(E.EINVAL);
  for (const [key, what] of OFF) {
    if (data[key] !== undefined && data[key] !== 0)
      throw new Refusal(E.EOPNOTSUPP, `${what} of a bridge port is not modelled`);
  }
  for (const [key, flag] of FLAGS) {
    if (data[key] === undefined) continue;
    if (data[key] !== 0) port.flags |= flag;
    else port.flags &= ~flag;
  }
  for (const [key, , max] of KEPT) {
    if (data[key] === undefined) continue;
    if ((data[key] as number) > max) throw new Refusal(E.EINVAL);
    port.kept.set(key, data[key] as number);
  }
  changeNumbers(port, data);
  if (data.flush !== undefined) port.br.fdb.deleteByPort(port, false);
}

function changeNumbers(port: BridgePort, data: Attrs): void {
  if (data.cost !== undefined) {
    const cost = data.cost as number;
    if (cost < 1 || cost > MAX_PATH_COST) throw new Refusal(E.ERANGE);
    port.adminCost = true;
    port.pathCost = cost;
  }
  if (data.priority !== undefined) {
    if ((data.priority as number) > MAX_PRIORITY) throw new Refusal(E.ERANGE);
    port.priority = data.priority as number;
  }
  if (data.state !== undefined) changeState(port, data.state as number);
  if (data.groupFwdMask !== undefined) {
    if (((data.groupFwdMask as number) & MACPAUSE) !== 0) throw new Refusal(E.EINVAL);
    port.groupFwdMask = data.groupFwdMask as number;
  }
}

/** Without the protocol a state that was set stays until carrier or up changes. Linux: br_set_port_state(). */
function changeState(port: BridgePort, state: number): void {
  if (state > BLOCKING) throw new Refusal(E.EINVAL);
  if (!port.dev.running || (!canForward(port.dev) && state !== DISABLED)) throw new Refusal(E.ENETDOWN);
  port.state = state;
  selectStates(port.br);
}

/** In the kernel's order. */
export function fillPort(_master: NetDevice, slave: NetDevice): Attrs | null {
  const port = portOf(slave);
  if (port === null) return null;
  const br = port.br;
  const id = { prio: br.priority, addr: br.idAddr };
  const on = (flag: number): number => ((port.flags & flag) !== 0 ? 1 : 0);
  const kept = (key: string): number => port.kept.get(key) ?? (KEPT.find(([k]) => k === key)?.[1] as number);
  const left = Math.max(0, port.forwardDelayEndNs - slave.core.kernel.loop.now);
  return {
    state: port.state,
    priority: port.priority,
    cost: port.pathCost,
    mode: on(P_HAIRPIN),
    guard: kept('guard'),
    protect: kept('protect'),
    fastLeave: kept('fastLeave'),
    mcastToUcast: 0,
    learning: on(P_LEARNING),
    unicastFlood: on(P_FLOOD),
    mcastFlood: on(P_MCAST_FLOOD),
    bcastFlood: on(P_BCAST_FLOOD),
    proxyarp: 0,
    proxyarpWifi: 0,
    rootId: id,
    bridgeId: id,
    designatedPort: port.id,
    designatedCost: 0,
    id: port.id,
    no: port.portNo,
    topologyChangeAck: 0,
    configPending: 0,
    vlanTunnel: 0,
    groupFwdMask: port.groupFwdMask,
    neighSuppress: 0,
    mrpRingOpen: 0,
    mrpInOpen: 0,
    isolated: on(P_ISOLATED),
    locked: 0,
    mab: 0,
    neighVlanSuppress: 0,
    messageAgeTimer: 0,
    forwardDelayTimer: Math.floor(left / CENTISECOND_NS),
    holdTimer: 0,
    multicastRouter: kept('multicastRouter'),
    mcastEhtHostsLimit: kept('mcastEhtHostsLimit'),
    mcastEhtHostsCnt: 0,
    mcastNGroups: 0,
    mcastMaxGroups: 0,
  };
}
