// Whether tests can make namespaces of this kernel here.

import { spawnSync } from 'node:child_process';

/** The reason; null: they can. */
export function whyNoNamespaces(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  const made = spawnSync('unshare', ['--net', '--mount', 'ip', '-V'], { stdio: 'ignore' });
  return made.status === 0 ? null : 'needs unshare and ip';
}
