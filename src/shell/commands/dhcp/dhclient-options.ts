// What dhclient is told: its command line, and the few statements of its configuration file that are modelled; others are
// refused by name. Linux tool: isc-dhcp 4.4.3, client/dhclient.c, clparse.c.

import { ProgramExit } from '../program-exit.ts';
import { codeNamed } from './dhclient-lease.ts';
import { bytesOf } from './options.ts';

export class DhclientExit extends ProgramExit {}

export const BANNER = `Internet Systems Consortium DHCP Client 4.4.3-P1
Copyright 2004-2022 Internet Systems Consortium.
All rights reserved.
For info, please visit https://www.isc.org/software/dhcp/
`;

const USAGE = `Usage: dhclient [-4|-6] [-SNTPRI1dvrxi] [-nw] [-p <port>] [-D LL|LLT]
                [--dad-wait-time <seconds>] [--prefix-len-hint <length>]
                [--decline-wait-time <seconds>]
                [--address-prefix-len <length>]
                [-s server-addr] [-cf config-file]
                [-df duid-file] [-lf lease-file]
                [-pf pid-file] [--no-pid] [-e VAR=val]
                [-sf script-file] [interface]*
       dhclient {--version|--help|-h}
`;

export interface DhclientOptions {
  device: string;
  verbose: boolean;
  once: boolean;
  foreground: boolean;
  release: boolean;
  stop: boolean;
  /** Into the background at once. */
  noWait: boolean;
  broadcast: boolean;
  clientId: Uint8Array | null;
  leaseFile: string;
  pidFile: string | null;
  configFile: string;
  script: string;
  env: Record<string, string>;
}

const refused = (what: string): never => {
  throw new DhclientExit(`lowerdev: dhclient: ${what} is not modelled\n`);
};
const WITHOUT = new Set(['-6', '-S', '-N', '-T', '-P', '-R', '-I', '-i', '-w', '-n', '-u']);
const VALUES_WITHOUT = new Set(['-p', '-D', '-df', '-s', '-g', '-H', '-F', '-V', '-timeout']);

export function parseDhclient(argv: readonly string[]): DhclientOptions {
  const o: DhclientOptions = {
    device: '',
    verbose: false,
    once: false,
    foreground: false,
    release: false,
    stop: false,
    noWait: false,
    broadcast: false,
    clientId: null,
    leaseFile: '/var/lib/dhcp/dhclient.leases',
    pidFile: '/run/dhclient.pid',
    configFile: '/etc/dhcp/dhclient.conf',
    script: '/sbin/dhclient-script',
    env: {},
  };
  const devices: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    const value = (): string => argv[++i] ?? usage(null);
    if (arg === '--version') throw new DhclientExit('isc-dhclient-4.4.3-P1\n', 0);
    else if (arg === '--help' || arg === '-h') throw new DhclientExit(USAGE, 0);
    else if (arg === '-v') o.verbose = true;
    else if (arg === '-q') o.verbose = false;
    else if (arg === '-4') continue;
    else if (arg === '-1') o.once = true;
    else if (arg === '-d') {
      o.foreground = true;
      o.verbose = true;
    } else if (arg === '-r') o.release = true;
    else if (arg === '-x') o.stop = true;
    else if (arg === '-nw') o.noWait = true;
    else if (arg === '-B') o.broadcast = true;
    else if (arg === '-C') o.clientId = clientId(value());
    else if (arg === '-lf') o.leaseFile = value();
    else if (arg === '-pf') o.pidFile = value();
    else if (arg === '--no-pid') o.pidFile = null;
    else if (arg === '-cf') o.configFile = value();
    else if (arg === '-sf') o.script = value();
    else if (arg === '-e') {
      const [name, text] = value().split('=', 2);
      o.env[name] = text ?? '';
    } else if (WITHOUT.has(arg) || VALUES_WITHOUT.has(arg) || arg.startsWith('--')) refused(arg);
    else if (arg.startsWith('-')) usage(arg);
    else devices.push(arg);
  }
  if (devices.length > 1) refused('more than one interface');
  if (devices.length === 0) refused('without an interface');
  o.device = devices[0];
  return o;
}

/** Hexadecimal with colons, or text behind the type 0. */
function clientId(text: string): Uint8Array {
  if (/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2})+$/.test(text)) {
    return Uint8Array.from(text.split(':'), (part) => Number.parseInt(part, 16));
  }
  return Uint8Array.of(0, ...bytesOf(text));
}

function usage(word: string | null): never {
  const unknown = word === null ? '' : `Unknown command: ${word}\n`;
  throw new DhclientExit(`${BANNER}${unknown}${USAGE}${BUG}`);
}

export const BUG = `
If you think you have received this message due to a bug rather
than a configuration issue please read the section on submitting
bugs on either our web page at www.isc.org or in the README file
before submitting a bug.  These pages explain the proper
process and the information we find helpful for debugging.

exiting.
`;

export interface DhclientConfig {
  /** Until it gives up, waits before it tries again, keeps asking for the address of before. */
  timeoutS: number;
  retryS: number;
  rebootS: number;
  /** Null: none is sent. */
  hostName: string | null;
  /** The options that it asks for, in their order. */
  request: readonly number[];
}

/** What it asks for when nobody says. */
const ASKED_FOR: readonly number[] = [1, 28, 2, 3, 15, 6, 12];

export function parseDhclientConfig(text: string, hostName: string): DhclientConfig {
  const c: DhclientConfig = { timeoutS: 60, retryS: 300, rebootS: 10, hostName: null, request: ASKED_FOR };
  for (const statement of text.replace(/#.*/g, '').split(';')) {
    const words = statement.trim().split(/\s+/);
    if (words[0] === '' || /^option rfc3442-classless-static-routes code 121\b/.test(statement.trim())) continue;
    const seconds = /^[0-9]+$/.test(words[1] ?? '') ? Number(words[1]) : null;
    const sent = /^send\s+host-name\s*=?\s*(gethostname\(\)|"([^"]*)")$/.exec(statement.trim());
    if (words[0] === 'timeout' && seconds !== null) c.timeoutS = seconds;
    else if (words[0] === 'retry' && seconds !== null) c.retryS = seconds;
    else if (words[0] === 'reboot' && seconds !== null) c.rebootS = seconds;
    else if (words[0] === 'request') c.request = words.slice(1).join('').split(',').flatMap(codeOf);
    else if (sent !== null) c.hostName = sent[2] ?? hostName;
    else refused(`'${words.slice(0, 2).join(' ')}' in the configuration file`);
  }
  return c;
}

/** An option by its name; IPv6's are nobody's here. */
function codeOf(name: string): number[] {
  if (name === '' || name.startsWith('dhcp6.')) return [];
  return [codeNamed(name) ?? refused(`the option '${name}'`)];
}
