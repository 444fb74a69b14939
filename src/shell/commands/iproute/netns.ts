// `-n NAME`: the namespace that a tool works in. iproute2: lib/namespace.c, netns_switch().

import type { NsRef } from '../../../lab/os.ts';
import type { Proc } from '../../process.ts';
import { ToolError } from './errors.ts';

/** The tool opens /run/netns/NAME, whatever way that is. */
export function namespaceNamed(proc: Proc, name: string): NsRef {
  const parts: string[] = ['run', 'netns'];
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const netns = parts[0] === 'run' && parts[1] === 'netns';
  if (parts.length < 2 || (netns && parts.length === 2)) {
    throw new ToolError(`setting the network namespace "${name}" failed: Invalid argument\n`, 255, false);
  }
  const ns = netns && parts.length === 3 ? proc.os.nsByName(parts[2]) : null;
  const folder = ns !== null && name.endsWith('/');
  if (ns !== null && !folder) return ns;
  throw new ToolError(
    `Cannot open network namespace "${name}": ${folder ? 'Not a directory' : 'No such file or directory'}\n`,
    255,
    false,
  );
}
