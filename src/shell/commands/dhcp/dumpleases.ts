// dumpleases: what udhcpd has given away. Linux tool: busybox 1.35, networking/udhcp/dumpleases.c.

import { strerror } from '../../../uapi/errno.ts';
import { formatIp4, formatMac } from '../../../uapi/format.ts';
import type { Command, Proc } from '../../process.ts';
import { WallTime } from '../../walltime.ts';
import { formatTime } from '../date/date.ts';
import { getopt } from '../getopt.ts';
import { readLeases } from './leases.ts';
import { BANNER, UdhcpExit } from './udhcpc-options.ts';

const USAGE = `${BANNER}

Usage: dumpleases [-r|-a] [-d] [-f LEASEFILE]

Display DHCP leases granted by udhcpd

	-f FILE	Lease file
	-r	Show remaining time
	-a	Show expiration time
	-d	Show time in seconds
`;
const DAY_S = 86_400;

export const dumpleases: Command = {
  name: 'dumpleases',
  summary: 'show the leases of udhcpd (busybox)',
  async run(proc) {
    try {
      return await dump(proc);
    } catch (e) {
      if (!(e instanceof UdhcpExit)) throw e;
      proc.err(e.text);
      return e.code;
    }
  },
};

async function dump(proc: Proc): Promise<number> {
  const got = getopt(proc.argv, 'ard', 'f');
  if (got.error !== null) {
    const what = got.error.kind === 'invalid' ? 'invalid option' : 'option requires an argument';
    throw new UdhcpExit(`dumpleases: ${what} -- '${got.error.option}'\n${USAGE}`);
  }
  const has = (letter: string): boolean => got.options.some(([o]) => o === letter);
  if (has('a') && has('r')) throw new UdhcpExit(USAGE);
  const file = got.options.findLast(([o]) => o === 'f')?.[1] ?? '/var/lib/misc/udhcpd.leases';
  const bytes = await proc.readBytes(file);
  if (typeof bytes === 'number') throw new UdhcpExit(`dumpleases: can't open '${file}': ${strerror(-bytes)}\n`);
  const [mac, ip, host] = ['Address'.padEnd(14), 'Address'.padEnd(13), 'Name'.padEnd(15)];
  proc.out(`Mac ${mac}IP ${ip}Host ${host}Expires ${has('a') ? 'at' : 'in'}\n`);
  const found = readLeases(bytes);
  if (found === null) throw new UdhcpExit('dumpleases: short read\n');
  const now = Math.floor(proc.os.wallNs() / 1e9);
  for (const lease of found.leases) {
    const left = lease.expires - (now - found.writtenS);
    const when =
      left <= 0 ? 'expired' : has('a') ? at(now + left, has('d')) : has('d') ? String(left) : remaining(left);
    proc.out(`${formatMac(lease.mac)} ${formatIp4(lease.ip).padEnd(16)}${lease.host.padEnd(20)}${when}\n`);
  }
  return 0;
}

function remaining(s: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  const days = Math.floor(s / DAY_S);
  const rest = s % DAY_S;
  return `${days > 0 ? `${days} days ` : ''}${two(rest / 3600)}:${two((rest / 60) % 60)}:${two(rest % 60)}`;
}

/** As ctime(3) has it. */
function at(s: number, plain: boolean): string {
  return plain ? String(s) : formatTime('%a %b %e %H:%M:%S %Y', new WallTime(s * 1e9), 0);
}
