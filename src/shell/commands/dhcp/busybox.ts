// busybox: its DHCP programs by their names. Everything else that it is called for is there as a program of its own.

import type { Command } from '../../process.ts';
import { BANNER } from './udhcpc-options.ts';

const APPLETS = ['dumpleases', 'udhcpc', 'udhcpd'];

export const busybox: Command = {
  name: 'busybox',
  summary: 'udhcpc, udhcpd and dumpleases (busybox)',
  async run(proc) {
    const [applet] = proc.argv;
    if (applet === undefined) {
      proc.out(`${BANNER}\n\nCurrently defined functions:\n\t${APPLETS.join(', ')}\n`);
      return 0;
    }
    if (APPLETS.includes(applet)) return proc.exec(proc.argv, { relay: true });
    proc.err(`${applet}: applet not found\n`);
    return 127;
  },
};
