// How a model's devices stand on each other, for whoever explains: macvlans, VLAN devices, NICs, and what is at the far end
// of a cable.

import { portOf as bridgePortOf } from '../../drivers/bridge/br.ts';
import { P_HAIRPIN } from '../../drivers/bridge/const.ts';
import { Macvlan } from '../../drivers/macvlan/port.ts';
import { NicPort } from '../../drivers/nic/port.ts';
import { Veth } from '../../drivers/veth/veth.ts';
import { Vlan } from '../../drivers/vlan/priv.ts';
import type { NetDevice } from '../../net/netdev.ts';

export function macvlanOf(dev: NetDevice): Macvlan | null {
  return dev.priv instanceof Macvlan ? dev.priv : null;
}

/** The device itself, what it stands on, and so on down. */
export function chainOf(dev: NetDevice): NetDevice[] {
  const { priv } = dev;
  const lower = priv instanceof Macvlan || priv instanceof Vlan ? priv.lower : null;
  return lower === null ? [dev] : [dev, ...chainOf(lower)];
}

export function bottomOf(dev: NetDevice): NetDevice {
  return chainOf(dev).at(-1) as NetDevice;
}

/** VLAN id that frames of the device carry on the line, 0: none. */
export function vidOf(dev: NetDevice): number {
  for (const { priv } of chainOf(dev)) if (priv instanceof Vlan) return priv.vid;
  return 0;
}

export function nicOf(dev: NetDevice): NicPort | null {
  return dev.priv instanceof NicPort ? dev.priv : null;
}

/** What the NIC's cable, or the pair, leads to; null: no cable, or nothing that the model has. */
export function farEndOf(dev: NetDevice): NetDevice | null {
  if (dev.priv instanceof Veth) return dev.priv.peer;
  const owner = nicOf(dev)?.end?.far.owner;
  return owner instanceof NicPort ? owner.dev : null;
}

/** Does the switch at the far end send a frame back by the port where it came in? */
export function sendsBack(far: NetDevice): boolean {
  const port = bridgePortOf(far);
  return port !== null && (port.flags & P_HAIRPIN) !== 0;
}

export function isSwitchPort(dev: NetDevice): boolean {
  return bridgePortOf(dev) !== null;
}

/** Is it a station whose frames the NIC's switch forwards itself? */
export function inVeb(dev: NetDevice): boolean {
  const state = bottomOf(dev).describeOffload?.(bottomOf(dev)) ?? null;
  return state?.hwmode === 'veb' && state.stations.some((s) => s.upper === dev);
}
