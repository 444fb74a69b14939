// Devices and namespaces: moving one, and what happens to them when their namespace dies.
// Linux: net/core/dev.c, __dev_change_net_namespace(), default_device_exit_batch().

import type { DevCore } from './dev.ts';
import { shutdown } from './dev-queues.ts';
import { Refusal } from './linkops.ts';
import type { NetDevice } from './netdev.ts';
import type { NetNs } from './netns.ts';
import { Ev } from './notifier.ts';

const EBUSY = 16;
const EEXIST = 17;
const EINVAL = 22;

/**
 * Moves a device to another namespace; `newName` (or a pattern) is used only when its own name is taken there. Throws a
 * Refusal and changes nothing.
 */
export function moveToNs(this: DevCore, dev: NetDevice, to: NetNs, newName: string | null = null, newIndex = 0): void {
  const from = dev.ns;
  if (dev.netnsImmutable) throw new Refusal(EINVAL, 'The interface netns is immutable');
  if (from === to) return;
  const name = to.byName.has(dev.name) ? nameThere(this, to, newName) : dev.name;
  for (const alt of dev.altNames) {
    if (to.byName.has(alt))
      throw new Refusal(EEXIST, `An interface with the altname ${alt} exists in the target netns`);
  }
  if (newIndex !== 0 && to.byIndex.has(newIndex)) {
    throw new Refusal(EBUSY, `The ifindex ${newIndex} is not available in the target netns`);
  }

  this.closeAndTell(dev);
  from.unlist(dev);
  shutdown(dev);
  this.kernel.notifiers.call(Ev.MoveOut, dev, to);
  const id = from.idOf(to, true);
  const index = newIndex !== 0 ? newIndex : to.byIndex.has(dev.ifindex) ? to.newIndex() : dev.ifindex;
  this.kernel.hooks.linkGone(dev, to, index, id);
  dev.uc.flush();
  dev.mc.flush();
  this.kernel.softirq.flush((skb) => skb.dev === dev);
  dev.ns = to;
  dev.ifindex = index;
  dev.name = name;
  to.list(dev);
  this.kernel.notifiers.call(Ev.MoveIn, dev, from);
  this.kernel.hooks.linkChanged(dev, 0xffffffff);
}

function nameThere(core: DevCore, to: NetNs, pattern: string | null): string {
  if (pattern === null) throw new Refusal(EEXIST, 'An interface with the same name exists in the target netns');
  try {
    return core.allocName(to, pattern);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    throw new Refusal(refusal.errno, `Unable to use '${pattern}' for the new interface name in the target netns`);
  }
}

/** A namespace dies: real devices go back to `refundTo`, the rest are deleted as their kind does. */
export function exitNs(this: DevCore, ns: NetNs, refundTo: NetNs): void {
  for (const dev of [...ns.byIndex.values()]) {
    const ops = dev.linkOps;
    const physical = ops === null || ops.newlink === undefined || ops.netnsRefund === true;
    if (dev.netnsImmutable || !physical) continue;
    for (const alt of dev.altNames.filter((name) => refundTo.byName.has(name))) {
      dev.altNames.splice(dev.altNames.indexOf(alt), 1);
      ns.byName.delete(alt);
      ns.nextOfPattern.clear();
    }
    const fallback = `dev${dev.ifindex}`;
    moveToNs.call(this, dev, refundTo, refundTo.byName.has(fallback) ? 'dev%d' : fallback);
  }
  const doomed: NetDevice[] = [];
  for (const dev of [...ns.byIndex.values()].reverse()) {
    const ops = dev.linkOps;
    if (ops?.dellink) ops.dellink(dev, doomed);
    else doomed.push(dev);
  }
  // Whoever is listed again moves to the end. Linux: unregister_netdevice_queue().
  this.unregisterMany([...new Set(doomed.reverse())].reverse());
}
