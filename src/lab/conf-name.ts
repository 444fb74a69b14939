// Settings of a device as sysctl(8) names them, for commands that people copy.

import { shellWord } from '../base/shell-word.ts';

/** `net.ipv6.conf.eth0/10.accept_ra`: a dot of the device's name is a slash there. One word of a shell. */
export function confName(family: 4 | 6, device: string, setting: string): string {
  return shellWord(`net.ipv${family}.conf.${device.replaceAll('.', '/')}.${setting}`);
}
