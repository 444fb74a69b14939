// Port states and the bridge id, as they are without the spanning tree protocol: a port forwards as soon as it and the
// bridge are up and it has carrier; the bridge has carrier while a port forwards. The protocol itself is not modelled.
// Linux: net/bridge/br_stp.c, br_stp_if.c, with stp_state 0.

import { linkSpeed } from '../../net/ethtool.ts';
import { ADDR_SET, OPER_UNKNOWN, OPER_UP } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Bridge, BridgePort } from './br.ts';
import { BLOCKING, CENTISECOND_NS, DISABLED, FORWARDING } from './const.ts';

/** netif_running() and netif_oper_up(). */
export function canForward(dev: NetDevice): boolean {
  return dev.running && (dev.operState === OPER_UP || dev.operState === OPER_UNKNOWN);
}

function told(port: BridgePort): void {
  port.dev.core.kernel.hooks.bridgePortChanged(port.dev, false);
}

export function enablePort(port: BridgePort): void {
  port.state = BLOCKING;
  selectStates(port.br);
  told(port);
}

export function disablePort(port: BridgePort): void {
  port.state = DISABLED;
  port.forwardDelayEndNs = 0;
  told(port);
  port.br.fdb.deleteByPort(port, false);
  selectStates(port.br);
}

/** Every port that may forward does; the bridge has carrier when one does. Linux: br_port_state_selection(). */
export function selectStates(br: Bridge): void {
  const watch = br.dev.core.kernel.linkWatch;
  let live = 0;
  for (const port of br.ports) {
    if (port.state === BLOCKING) {
      port.state = FORWARDING;
      port.forwardDelayEndNs = br.dev.core.kernel.loop.now + br.forwardDelay * CENTISECOND_NS;
      told(port);
    }
    if (port.state === FORWARDING) live++;
  }
  if (live === 0) watch.carrierOff(br.dev);
  else watch.carrierOn(br.dev);
}

/** The bridge came up. Linux: br_stp_enable_bridge(). */
export function enableBridge(br: Bridge): void {
  for (const port of br.ports) if (canForward(port.dev)) enablePort(port);
}

/** It goes down. Linux: br_stp_disable_bridge(). */
export function disableBridge(br: Bridge): void {
  for (const port of br.ports) if (port.state !== DISABLED) disablePort(port);
}

/** Linux: br_stp_change_bridge_id(). */
export function changeBridgeId(br: Bridge, mac: number): void {
  const old = br.dev.addr;
  br.idAddr = mac;
  br.dev.addr = mac;
  br.fdb.bridgeAddrChanged(old, mac);
  selectStates(br);
}

/** The lowest MAC of the ports, unless a request has set one; none: zero. True when it changed. */
export function recalculateBridgeId(br: Bridge): boolean {
  if (br.dev.addrAssignType === ADDR_SET) return false;
  let lowest = 0;
  for (const port of br.ports) if (lowest === 0 || port.dev.addr < lowest) lowest = port.dev.addr;
  if (lowest === br.idAddr) return false;
  changeBridgeId(br, lowest);
  return true;
}

/** What a port costs by its line speed. Linux: port_cost(). */
export function costOf(dev: NetDevice): number {
  const speed = linkSpeed(dev);
  switch (speed) {
    case 10000:
      return 2;
    case 5000:
      return 3;
    case 2500:
      return 4;
    case 1000:
      return 5;
    case 100:
      return 19;
    case 10:
      return 100;
    default:
      return speed > 10000 ? 1 : 100;
  }
}
