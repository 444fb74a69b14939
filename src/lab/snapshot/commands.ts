// The commands that a person would type in a namespace of a snapshot, which may have no name.

import { shellWord } from '../../base/shell-word.ts';
import type { SnapNamespace } from './snapshot.ts';

/** `ip -n blue link set eth0 up`: a command of iproute2. */
export function inNs(ns: SnapNamespace, tool: 'ip' | 'tc' | 'bridge', rest: string): string {
  return ns.names.length > 0 && !ns.host
    ? `${tool} -n ${shellWord(ns.names[0])} ${rest}`
    : execIn(ns, `${tool} ${rest}`);
}

/** `ip netns exec blue arping ...`: any command. */
export function execIn(ns: SnapNamespace, command: string): string {
  if (ns.host) return command;
  if (ns.names.length > 0) return `ip netns exec ${shellWord(ns.names[0])} ${command}`;
  const path = ns.paths.length > 0 ? ns.paths[0] : `/proc/${ns.holders[0]?.pid ?? 'PID'}/ns/net`;
  return `nsenter --net=${shellWord(path)} ${command}`;
}
