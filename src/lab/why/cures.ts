// Cures as commands for this machine. Reasons speak in the words of a lab; on a machine that has none, `ip` is what there is.

import { shellWord } from '../../base/shell-word.ts';
import { BRIDGE } from '../../drivers/macvlan/modes.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Reason } from '../reason/reason.ts';
import { macvlanOf } from '../reason/topology.ts';
import type { Loaded } from '../snapshot/load.ts';
import { addressesOf, prefixOf } from './checks.ts';
import type { End } from './ends.ts';

/** Empty: nothing that could be said as a command. */
export function commandsFor(loaded: Loaded, { code, where, cure }: Reason, ends: readonly End[]): string[] {
  const dev = deviceOf(loaded, where);
  if (dev === null) return [];
  const run = (d: NetDevice, command: string): string => `${prefix(loaded, d)}${command}`;
  const macvlans = dev.uppers.filter((d) => macvlanOf(d) !== null);
  const change = (d: NetDevice): string => run(d, `ip link set ${shellWord(d.name)} type macvlan mode bridge`);
  switch (code) {
    case 'private':
    case 'mixed-modes':
    case 'no-hairpin':
      return (macvlans.length > 0 ? concerned(loaded, macvlans, ends) : [dev])
        .filter((d) => (macvlanOf(d)?.mode ?? BRIDGE) !== BRIDGE)
        .map(change);
    case 'host-isolation': {
      const shim = macvlans.find((d) => d.ns === dev.ns && macvlanOf(d)?.mode === BRIDGE);
      if (shim !== undefined) {
        const others = ends.filter((end) => end.ns !== null && loaded.at(end.ns.id) !== dev.ns);
        const deaf = concerned(
          loaded,
          macvlans.filter((d) => d.ns !== dev.ns),
          ends,
        );
        const routes = others.flatMap(addressesOf).map(({ address, family }) => {
          return run(dev, `ip route replace ${address}/${family === 4 ? 32 : 128} dev ${shellWord(shim.name)}`);
        });
        return [...deaf.filter((d) => macvlanOf(d)?.mode !== BRIDGE).map(change), ...routes];
      }
      const name = shellWord(`${dev.name.slice(0, 10)}shim`);
      return [
        run(dev, `ip link add ${name} link ${shellWord(dev.name)} type macvlan mode bridge`),
        run(dev, `ip link set ${name} up`),
        `# and the host's address of that subnet on ${name} instead of ${dev.name}`,
      ];
    }
    default:
      return cure !== null && /^(ip|sysctl -w|tc|ethtool) /.test(cure) ? [run(dev, cure)] : [];
  }
}

/** Of what stands on one device, what is of the two; all, where none is. */
function concerned({ at }: Loaded, macvlans: readonly NetDevice[], ends: readonly End[]): readonly NetDevice[] {
  const spaces = ends.map((end) => (end.ns === null ? null : at(end.ns.id)));
  const theirs = macvlans.filter((d) => spaces.includes(d.ns));
  return theirs.length > 0 ? theirs : macvlans;
}

function deviceOf({ model }: Loaded, where: string | null): NetDevice | null {
  if (where === null) return null;
  for (const ns of model.kernel.namespaces) {
    for (const dev of ns.devices()) if (dev.label === where) return dev;
  }
  return null;
}

function prefix({ snapshot, at }: Loaded, dev: NetDevice): string {
  const ns = snapshot.namespaces.find((n) => at(n.id) === dev.ns);
  return ns === undefined ? '' : prefixOf(ns);
}
