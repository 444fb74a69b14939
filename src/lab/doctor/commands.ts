// The commands that a person would type, for cures and for what --fix is about to do.

import { shellWord } from '../../base/shell-word.ts';
import { namespaceName, type SnapNamespace } from '../snapshot/snapshot.ts';
import type { Spot } from '../status/view.ts';

/** `ip -n blue link set eth0 up`: an `ip` or `tc` command in a namespace that may have no name. */
export function inNs(ns: SnapNamespace, tool: 'ip' | 'tc' | 'bridge', rest: string): string {
  if (ns.host) return `${tool} ${rest}`;
  if (ns.names.length > 0) return `${tool} -n ${shellWord(ns.names[0])} ${rest}`;
  return `${enter(ns)} ${tool} ${rest}`;
}

/** `ip netns exec blue arping ...`: any other command. */
export function execIn(ns: SnapNamespace, command: string): string {
  if (ns.host) return command;
  return ns.names.length > 0 ? `ip netns exec ${shellWord(ns.names[0])} ${command}` : `${enter(ns)} ${command}`;
}

function enter(ns: SnapNamespace): string {
  return ns.paths.length > 0
    ? `nsenter --net=${shellWord(ns.paths[0])}`
    : `nsenter -n -t ${ns.holders[0]?.pid ?? 'PID'}`;
}

/** A namespace in a sentence. */
export function nsText(ns: SnapNamespace): string {
  return ns.host ? 'the host' : `namespace ${namespaceName(ns)}`;
}

export function upAgain({ ns, link }: Spot): string {
  return `${inNs(ns, 'ip', `link set ${shellWord(link.name)} down`)}; ${inNs(ns, 'ip', `link set ${shellWord(link.name)} up`)}`;
}

/** `a, b and 7 more` of a long list. */
export function list(items: readonly string[], most = 5): string {
  if (items.length <= most) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}
