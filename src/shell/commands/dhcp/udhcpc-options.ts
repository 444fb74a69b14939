// What udhcpc is told on its command line. Linux tool: busybox 1.35, networking/udhcp/dhcpc.c, getopt32long().

import { type DhcpOption, OPT_CLIENT_ID, OPT_FQDN, OPT_VENDOR } from '../../../wire/dhcp.ts';
import { inetAton } from '../hosts.ts';
import { ProgramExit } from '../program-exit.ts';
import { bytesOf, optionCode, parseOption, wantedOptions } from './options.ts';

export const VERSION = '1.35.0';
export const BANNER = `BusyBox v${VERSION} (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.`;

const USAGE = `${BANNER}

Usage: udhcpc [-fbqRB] [-a[MSEC]] [-t N] [-T SEC] [-A SEC|-n]
	[-i IFACE] [-s PROG] [-p PIDFILE]
	[-oC] [-r IP] [-V VENDOR] [-F NAME] [-x OPT:VAL]... [-O OPT]...

	-i IFACE	Interface to use (default eth0)
	-s PROG		Run PROG at DHCP events (default /etc/udhcpc/default.script)
	-p FILE		Create pidfile
	-B		Request broadcast replies
	-t N		Send up to N discover packets (default 3)
	-T SEC		Pause between packets (default 3)
	-A SEC		Wait if lease is not obtained (default 20)
	-b		Background if lease is not obtained
	-n		Exit if lease is not obtained
	-q		Exit after obtaining lease
	-R		Release IP on exit
	-f		Run in foreground
	-S		Log to syslog too
	-a[MSEC]	Validate offered address with ARP ping
	-r IP		Request this IP address
	-o		Don't request any options (unless -O is given)
	-O OPT		Request option OPT from server (cumulative)
	-x OPT:VAL	Include option OPT in sent packets (cumulative)
			Examples of string, numeric, and hex byte opts:
			-x hostname:bbox - option 12
			-x lease:3600 - option 51 (lease time)
			-x 0x3d:0100BEEFC0FFEE - option 61 (client id)
			-x 14:'"dumpfile"' - option 14 (shell-quoted)
	-F NAME		Ask server to update DNS mapping for NAME
	-V VENDOR	Vendor identifier (default 'udhcp VERSION')
	-C		Don't send MAC as client identifier
Signals:
	USR1	Renew lease
	USR2	Release lease
`;

export class UdhcpExit extends ProgramExit {}

/** In the background nobody hears why it ended. */
export function saidNothing(e: unknown): number {
  if (!(e instanceof UdhcpExit)) throw e;
  return e.code;
}

export const die = (name: string, text: string): never => {
  throw new UdhcpExit(`${name}: ${text}\n`);
};

export interface ClientOptions {
  device: string;
  script: string;
  pidfile: string | null;
  broadcast: boolean;
  retries: number;
  pauseS: number;
  againS: number;
  background: boolean;
  exitWithout: boolean;
  quit: boolean;
  release: boolean;
  foreground: boolean;
  /** Null: the address is not probed for. */
  arpMs: number | null;
  /** 0: any address will do. */
  request: number;
  /** Codes that are asked for, ascending. */
  wanted: number[];
  /** Sent in every message, ascending by code; the client identifier is the MAC address unless `clientId` is false. */
  sent: DhcpOption[];
  clientId: boolean;
}

const LONG: Readonly<Record<string, string>> = {
  'clientid-none': 'C',
  vendorclass: 'V',
  fqdn: 'F',
  interface: 'i',
  now: 'n',
  pidfile: 'p',
  quit: 'q',
  release: 'R',
  request: 'r',
  script: 's',
  timeout: 'T',
  retries: 't',
  tryagain: 'A',
  syslog: 'S',
  'request-option': 'O',
  'no-default-options': 'o',
  foreground: 'f',
  background: 'b',
  broadcast: 'B',
  arping: 'a',
};
const VALUED = 'VFiprsTtAOx';
const SWITCHES = 'CnqRSofBbv';

/** `say` hears of what is wrong and does not end it. */
export function parseClient(argv: readonly string[], say: (text: string) => void): ClientOptions {
  const o: ClientOptions = {
    device: 'eth0',
    script: '/etc/udhcpc/default.script',
    pidfile: null,
    broadcast: false,
    retries: 3,
    pauseS: 3,
    againS: 20,
    background: false,
    exitWithout: false,
    quit: false,
    release: false,
    foreground: false,
    arpMs: null,
    request: 0,
    wanted: [],
    sent: [],
    clientId: true,
  };
  const asked = new Set<number>();
  const extra: string[] = [];
  let vendor = `udhcp ${VERSION}`;
  let defaults = true;
  for (const [option, value] of split(argv)) {
    if (option === 'C') o.clientId = false;
    else if (option === 'V') vendor = value;
    else if (option === 'F') put(o.sent, { code: OPT_FQDN, data: Uint8Array.of(1, 0, 0, ...bytesOf(value)) });
    else if (option === 'i') o.device = value;
    else if (option === 'n') o.exitWithout = true;
    else if (option === 'p') o.pidfile = value;
    else if (option === 'q') o.quit = true;
    else if (option === 'R') o.release = true;
    else if (option === 'r') o.request = inetAton(value) ?? bad(null);
    else if (option === 's') o.script = value;
    else if (option === 'T') o.pauseS = number(value);
    else if (option === 't') o.retries = number(value);
    else if (option === 'A') o.againS = number(value);
    else if (option === 'O') asked.add(named(value));
    else if (option === 'o') defaults = false;
    else if (option === 'x') extra.push(value);
    else if (option === 'f') o.foreground = true;
    else if (option === 'B') o.broadcast = true;
    else if (option === 'b') o.background = true;
    else if (option === 'a') o.arpMs = value === '' ? 2000 : number(value);
  }
  if (defaults) for (const code of wantedOptions) asked.add(code);
  o.wanted = [...asked].filter((code) => code > 0).sort((a, b) => a - b);
  for (const text of extra) {
    const { option, fatal } = parseOption(text, (words) => say(`udhcpc: ${words}\n`));
    if (fatal !== null) die('udhcpc', fatal);
    if (option !== null) put(o.sent, option);
  }
  if (vendor !== '') put(o.sent, { code: OPT_VENDOR, data: bytesOf(vendor) });
  if (o.sent.some((x) => x.code === OPT_CLIENT_ID)) o.clientId = false;
  else if (o.clientId) put(o.sent, { code: OPT_CLIENT_ID, data: new Uint8Array(7) });
  return o;
}

/** Options are sent in the order of their numbers. */
function put(list: DhcpOption[], option: DhcpOption): void {
  const at = list.findIndex((x) => x.code > option.code);
  list.splice(at < 0 ? list.length : at, 0, option);
}

function named(text: string): number {
  const code = optionCode(text);
  return typeof code === 'number' ? code : die('udhcpc', code);
}

/** How to use it, below what was wrong with how it was. */
function bad(text: string | null): never {
  throw new UdhcpExit(text === null ? USAGE : `udhcpc: ${text}\n${USAGE}`);
}

function number(text: string): number {
  if (!/^[0-9]+$/.test(text) || Number(text) > 0x7fffffff) die('udhcpc', `invalid number '${text}'`);
  return Number(text);
}

/** getopt_long(3); words that are no options are ignored, as udhcpc does. */
function split(argv: readonly string[]): Array<[option: string, value: string]> {
  const out: Array<[string, string]> = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '--') break;
    if (arg.startsWith('--')) {
      const [name, value] = [arg.slice(2).split('=')[0], /=(.*)$/s.exec(arg)?.[1]];
      const matches = Object.keys(LONG).filter((l) => l.startsWith(name));
      const key = LONG[name] === undefined ? (matches.length === 1 ? matches[0] : null) : name;
      if (key === null)
        return bad(matches.length > 1 ? `option '${arg}' is ambiguous` : `unrecognized option '${arg}'`);
      const letter = LONG[key];
      if (VALUED.includes(letter))
        out.push([letter, value ?? argv[++i] ?? bad(`option '--${key}' requires an argument`)]);
      else out.push([letter, value ?? '']);
      continue;
    }
    if (arg[0] !== '-' || arg === '-') continue;
    for (let j = 1; j < arg.length; j++) {
      const c = arg[j];
      if (c === 'a' || VALUED.includes(c)) {
        const rest = arg.slice(j + 1);
        if (c === 'a') out.push([c, rest]);
        else out.push([c, rest !== '' ? rest : (argv[++i] ?? bad(`option requires an argument -- '${c}'`))]);
        break;
      }
      if (!SWITCHES.includes(c)) bad(`invalid option -- '${c}'`);
      out.push([c, '']);
    }
  }
  return out;
}
