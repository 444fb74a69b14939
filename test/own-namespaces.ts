// The command line as a user has it, in namespaces of a test's own: network, mounts, processes. Nothing of the machine is seen.

import { execFileSync, spawnSync } from 'node:child_process';
import { CliBundle } from './apply/cli-bundle.ts';

/** Why they cannot be had here; null when they can. */
export function whyNoNamespaces(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  try {
    execFileSync('unshare', ['--net', '--mount', 'ip', '-V'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'needs unshare and ip';
  }
}

export interface OwnNamespaces {
  /** Runs a bash script in new ones, where `lowerdev` is ours; what it printed, errors last. */
  run(script: string): string;
  /** Removes the program. */
  close(): void;
}

export async function ownNamespaces(): Promise<OwnNamespaces> {
  const cli = await CliBundle.make();
  const head = `
mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns || exit 99
mount -t sysfs none /sys || exit 99 # which shows the devices of these namespaces
LOWERDEV=("${process.execPath}" "${cli.main}")
lowerdev() { "\${LOWERDEV[@]}" "$@"; }
node() { "${process.execPath}" "$@"; }
`;
  const own = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '-c'];
  return {
    run(script) {
      const options = { encoding: 'utf8', timeout: 120_000, killSignal: 'SIGKILL', cwd: cli.dir } as const;
      const { stdout, stderr } = spawnSync('unshare', [...own, head + script], options);
      return stdout + stderr;
    },
    close: () => cli.remove(),
  };
}
