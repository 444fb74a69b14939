// DHCP on macvlans, in the model against busybox on this machine's kernel: what clients and server say, what scripts are told,
// what passes the wire. Without busybox, root or tcpdump the model is compared with what was recorded (dhcp.out; RECORD=1).

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runScript } from '../../src/index.ts';
import { whyNot } from './sandbox.ts';

const script = readFileSync(`${process.cwd()}/test/live/dhcp.sh`, 'utf8');
const record = `${process.cwd()}/test/live/dhcp.out`;

function reason(): string | null {
  const none = whyNot();
  if (none !== null) return none;
  try {
    execFileSync('tcpdump', ['--version'], { stdio: 'ignore' });
    const applets = execFileSync('busybox', ['--list'], { encoding: 'utf8' }).split('\n');
    if (!['udhcpc', 'udhcpd', 'dumpleases'].every((name) => applets.includes(name))) return 'needs busybox with udhcpd';
    const help = execFileSync('busybox', { encoding: 'utf8' });
    return help.startsWith('BusyBox v1.35.') ? null : 'needs busybox 1.35 to compare with';
  } catch {
    return 'needs tcpdump and busybox';
  }
}

const skipped = reason();

test('the model prints what was recorded', async () => {
  const { stdout } = await runScript(`{\n${script}\n} 2>&1`);
  if (process.env.RECORD === undefined) expect(stdout).toBe(readFileSync(record, 'utf8'));
});

test.skipIf(skipped !== null)(`and busybox prints it too${skipped === null ? '' : ` (skipped: ${skipped})`}`, () => {
  const ready =
    'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && mount -t sysfs sys /sys && cd "$(mktemp -d)"';
  const args = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '-c'];
  const printed = execFileSync('unshare', [...args, `${ready} && {\n${script}\n} 2>&1; true`], { encoding: 'utf8' });
  if (process.env.RECORD !== undefined) writeFileSync(record, printed);
  expect(printed).toBe(readFileSync(record, 'utf8'));
});
