// DHCP on macvlans, in the model against busybox and isc-dhcp on this machine's kernel: what clients and servers say, what scripts
// are told, what passes the wire. Without the real ones the model is compared with what they printed once (NAME.out; RECORD=1).

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../src/index.ts';
import { whyNot } from './sandbox.ts';

const at = (name: string): string => `${process.cwd()}/test/live/${name}`;

function output(command: string, ...args: string[]): string {
  try {
    return execFileSync('sh', ['-c', '"$0" "$@" 2>&1', command, ...args], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function reason(name: string): string | null {
  const none = whyNot();
  if (none !== null) return none;
  if (output('tcpdump', '--version') === '') return 'needs tcpdump';
  const applets = output('busybox', '--list').split('\n');
  if (!['udhcpc', 'udhcpd', 'dumpleases'].every((applet) => applets.includes(applet)))
    return 'needs busybox with udhcpd';
  if (!output('busybox').startsWith('BusyBox v1.35.')) return 'needs busybox 1.35 to compare with';
  if (name !== 'dhclient' || output('dhclient', '--version').startsWith('isc-dhclient-4.4.3')) return null;
  return 'needs isc-dhcp-client 4.4.3';
}

/** dhclient's script writes resolv.conf: a copy of its own is mounted over it. */
const READY = `mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && mount -t sysfs sys /sys &&
cd "$(mktemp -d)" && : >resolv.conf && mount --bind resolv.conf /etc/resolv.conf && PATH=$PATH:/usr/sbin:/sbin`;

function live(script: string): string {
  const args = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '-c'];
  return execFileSync('unshare', [...args, `${READY} && {\n${script}\n} 2>&1; true`], { encoding: 'utf8' });
}

describe.each(['dhcp', 'dhclient'])('%s', (name) => {
  const script = readFileSync(at(`${name}.sh`), 'utf8');
  const skipped = reason(name);

  test('the model prints what was recorded', async () => {
    const { stdout } = await runScript(`{\n${script}\n} 2>&1`);
    if (process.env.RECORD === undefined) expect(stdout).toBe(readFileSync(at(`${name}.out`), 'utf8'));
  });

  test.skipIf(skipped !== null)(
    `and the real ones print it too${skipped === null ? '' : ` (skipped: ${skipped})`}`,
    () => {
      const printed = live(script);
      if (process.env.RECORD !== undefined) writeFileSync(at(`${name}.out`), printed);
      expect(printed).toBe(readFileSync(at(`${name}.out`), 'utf8'));
    },
  );
});
