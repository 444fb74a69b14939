// The process that a sandbox lives in: the first of its own process namespace, so that whatever runs in there ends with it, and
// all namespaces with that. It waits for a word on its standard input and ends when the input does, so that a sandbox which
// nobody said `keep` to ends with the lowerdev that made it. Node cannot enter a user namespace itself: commands run
// inside by nsenter(1).

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { NoSandbox, readLimits, whyNoSandbox } from './why-not.ts';

/** In the sandbox: programs that its scripts find first, and the namespaces of switches and peers. */
export const SANDBOX_BIN = '/run/lowerdev/bin';
export const SANDBOX_MACHINE = '/run/lowerdev/machine';
/** What /run is mounted from in there, and the file in it that has the number of the sandbox's network namespace. */
const SANDBOX_RUN = 'lowerdev';
const SANDBOX_NETNS = '/run/lowerdev/netns';
const UNSHARE = ['--net', '--mount', '--pid', '--fork', '--kill-child'];
const ROOTLESS = ['--user', '--map-root-user'];

// The number by which the world outside knows it has to be read before /proc is the sandbox's own. /run becomes private, but
// for what NixOS keeps programs in. Where /proc or /sys cannot be mounted anew (a container), the old ones have to do.
const SCRIPT = `
read -r pid rest < /proc/self/stat
cd /
system=$(readlink /run/current-system 2>/dev/null)
mount -t proc proc /proc 2>/dev/null
mount -t tmpfs -o mode=755,size=64m ${SANDBOX_RUN} /run || exit 1
mkdir -p /run/netns ${SANDBOX_BIN} ${SANDBOX_MACHINE} || exit 1
readlink /proc/self/ns/net > ${SANDBOX_NETNS} || exit 1
[ -n "$system" ] && ln -s "$system" /run/current-system
mount -t sysfs sysfs /sys 2>/dev/null
printf '%s\\n' '#!/bin/sh' 'while [ "\${1#-}" != "$1" ]; do case $1 in -u|-g) shift 2 ;; *) shift ;; esac; done' 'exec env "$@"' > ${SANDBOX_BIN}/sudo
chmod 755 ${SANDBOX_BIN}/sudo
echo "ready $pid"
read -r word
[ "$word" = keep ] || exit 0
exec > /dev/null 2>&1 < /dev/null
while :; do sleep 2000000; done
`;

/** A process that can be recognised later: numbers are used again, starting times are not. */
export interface HolderId {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly start: string;
  /** In a user namespace of its own. */
  readonly rootless: boolean;
}

export interface Holder {
  readonly id: HolderId;
  /** It lives on when this process ends. */
  keep(): Promise<void>;
  end(): void;
}

/** A new sandbox, with lo alone. Throws NoSandbox with the reason. */
export async function startHolder(): Promise<Holder> {
  const limits = readLimits();
  if (limits.platform !== 'linux') throw new NoSandbox(whyNoSandbox('', limits));
  const tries = limits.root ? [false, true] : [true];
  let said = '';
  for (const rootless of tries) {
    const holder = await tryHolder(rootless);
    if (typeof holder !== 'string') return holder;
    said = holder;
  }
  throw new NoSandbox(whyNoSandbox(said, limits));
}

/** The holder, or what went wrong. */
function tryHolder(rootless: boolean): Promise<Holder | string> {
  const argv = [...(rootless ? ROOTLESS : []), ...UNSHARE, '--', 'sh', '-c', SCRIPT];
  return new Promise((resolve) => {
    const child = spawn('unshare', argv, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code} unshare`));
    child.on('close', () => resolve(err));
    child.stdin?.on('error', () => {}); // it is gone: whoever waits for it sees that
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const pid = /^ready (\d+)$/m.exec(out)?.[1];
      const start = pid === undefined ? null : startOf(Number(pid));
      if (start !== null) resolve(held(child, { pid: Number(pid), start, rootless }));
    });
  });
}

function held(child: ChildProcess, id: HolderId): Holder {
  child.removeAllListeners('close');
  child.unref();
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  (child.stdin as unknown as { unref?(): void } | null)?.unref?.();
  return {
    id,
    keep: () => new Promise((resolve) => child.stdin?.end('keep\n', () => resolve())),
    end: () => endHolder(id),
  };
}

/** Whether that very process is there. */
export function holderLives(id: HolderId): boolean {
  return startOf(id.pid) === id.start;
}

/** Ends it, and with it all that its sandbox has. */
export function endHolder(id: HolderId): void {
  if (!holderLives(id)) return;
  try {
    process.kill(id.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The command that runs `argv` in there. */
export function insideHolder(id: HolderId, argv: readonly string[]): string[] {
  const user = id.rootless ? ['--user', '--preserve-credentials'] : [];
  return ['nsenter', '--target', String(id.pid), ...user, '--net', '--mount', '--pid', '--', ...argv];
}

/** Whether this process is in a sandbox: /run is one's, and the network namespace is that which it was made with. */
export function isInsideSandbox(): boolean {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const run = mounts.filter((line) => line.split(' ')[4] === '/run').pop(); // the uppermost
    if (run?.split(' - ')[1]?.startsWith(`tmpfs ${SANDBOX_RUN} `) !== true) return false;
    return readFileSync(SANDBOX_NETNS, 'utf8').trim() === readlinkSync('/proc/self/ns/net');
  } catch {
    return false;
  }
}

/** When a process was started, in ticks since boot; null: there is none, or it is a zombie. */
function startOf(pid: number): string | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : fields[19];
  } catch {
    return null;
  }
}
