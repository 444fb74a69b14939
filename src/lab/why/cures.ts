// The machine of a snapshot as cures need it: which device is meant, whose are the others, how a command is run there.

import type { NetDevice } from '../../net/netdev.ts';
import { commandsOf } from '../reason/cures.ts';
import type { Reason } from '../reason/reason.ts';
import { execIn } from '../snapshot/commands.ts';
import type { Loaded } from '../snapshot/load.ts';
import { addressesOf } from './checks.ts';
import type { End } from './ends.ts';

/** Empty: nothing that could be said as a command. */
export function commandsFor(loaded: Loaded, { where, act }: Reason, ends: readonly End[]): string[] {
  const dev = deviceOf(loaded, where);
  if (dev === null || act === null) return [];
  const { snapshot, at } = loaded;
  return commandsOf(act, {
    dev,
    concerned(devs) {
      const spaces = ends.map((end) => (end.ns === null ? null : at(end.ns.id)));
      const theirs = devs.filter((d) => spaces.includes(d.ns));
      return theirs.length > 0 ? theirs : devs;
    },
    run(d, command) {
      const ns = snapshot.namespaces.find((n) => at(n.id) === d.ns);
      return ns === undefined ? command : execIn(ns, command);
    },
    others() {
      const others = ends.filter((end) => end.ns !== null && at(end.ns.id) !== dev.ns);
      return others.flatMap(addressesOf).map(({ address, family }) => ({ address, length: family === 4 ? 32 : 128 }));
    },
  });
}

function deviceOf({ model }: Loaded, where: string | null): NetDevice | null {
  if (where === null) return null;
  for (const ns of model.kernel.namespaces) {
    for (const dev of ns.devices()) if (dev.label === where) return dev;
  }
  return null;
}
