// udhcpd's configuration file and command line. Linux tool: busybox 1.35, networking/udhcp/dhcpd.c, keywords[], read_config().

import { parseMac } from '../../../uapi/format.ts';
import { u32 } from '../../../wire/bytes.ts';
import { type DhcpOption, OPT_LEASE_TIME } from '../../../wire/dhcp.ts';
import { getopt } from '../getopt.ts';
import { inetAton } from '../hosts.ts';
import { parseOption } from './options.ts';
import { BANNER, UdhcpExit } from './udhcpc-options.ts';

const USAGE = `${BANNER}

Usage: udhcpd [-fS] [-I ADDR] [-a MSEC] [CONFFILE]

DHCP server

	-f	Run in foreground
	-S	Log to syslog too
	-I ADDR	Local address
	-a MSEC	Timeout for ARP ping (default 2000)
Signals:
	USR1	Update lease file
`;
const TEN_DAYS_S = 864_000;

export interface ServerOptions {
  foreground: boolean;
  /** 0: the interface's own. */
  address: number;
  arpMs: number;
  file: string;
}

export interface ServerConfig {
  start: number;
  end: number;
  interface: string;
  maxLeases: number;
  autoTimeS: number;
  declineTimeS: number;
  conflictTimeS: number;
  offerTimeS: number;
  minLeaseS: number;
  maxLeaseS: number;
  leaseFile: string;
  pidfile: string;
  siaddr: number;
  notifyFile: string | null;
  sname: string;
  bootFile: string;
  options: DhcpOption[];
  /** Addresses by MAC. */
  fixed: Array<[mac: number, ip: number]>;
}

const usage = (text: string): never => {
  throw new UdhcpExit(`udhcpd: ${text}\n${USAGE}`);
};

export function parseServer(argv: readonly string[]): ServerOptions {
  const o: ServerOptions = { foreground: false, address: 0, arpMs: 2000, file: '/etc/udhcpd.conf' };
  const got = getopt(argv, 'fSv', 'Ia');
  if (got.error !== null) {
    usage(
      `${got.error.kind === 'invalid' ? 'invalid option' : 'option requires an argument'} -- '${got.error.option}'`,
    );
  }
  for (const [option, value] of got.options) {
    if (option === 'f') o.foreground = true;
    else if (option === 'a') {
      if (!/^[0-9]+$/.test(value)) throw new UdhcpExit(`udhcpd: invalid number '${value}'\n`);
      o.arpMs = Number(value);
    } else if (option === 'I') {
      const ip = inetAton(value);
      if (ip === null) throw new UdhcpExit(`udhcpd: bad address '${value}'\n`);
      o.address = ip;
    }
  }
  if (got.words.length > 0) o.file = got.words[0];
  return o;
}

/** `say` hears of what is wrong; some of it ends the program. */
export function parseConfig(text: string, file: string, say: (words: string) => void): ServerConfig {
  const c: ServerConfig = {
    start: 0xc0a80014,
    end: 0xc0a800fe,
    interface: 'eth0',
    maxLeases: 235,
    autoTimeS: 7200,
    declineTimeS: 3600,
    conflictTimeS: 3600,
    offerTimeS: 60,
    minLeaseS: 60,
    maxLeaseS: TEN_DAYS_S,
    leaseFile: '/var/lib/misc/udhcpd.leases',
    pidfile: '/var/run/udhcpd.pid',
    siaddr: 0,
    notifyFile: null,
    sname: '',
    bootFile: '',
    options: [],
    fixed: [],
  };
  text.split('\n').forEach((line, i) => {
    const m = /^[ \t]*([^ \t]+)[ \t]+(.*?)[ \t]*$/.exec(line.replace(/(^|[ \t])#.*/, ''));
    if (m !== null && !keyword(c, m[1].toLowerCase(), m[2], say)) say(`can't parse line ${i + 1} in ${file}`);
  });
  if (c.start > c.end) throw new UdhcpExit(`udhcpd: bad start/end IP range in ${file}\n`);
  const lease = c.options.find((o) => o.code === OPT_LEASE_TIME);
  if (lease !== undefined) c.maxLeaseS = u32(lease.data, 0);
  return c;
}

const NUMBERS = {
  max_leases: 'maxLeases',
  auto_time: 'autoTimeS',
  decline_time: 'declineTimeS',
  conflict_time: 'conflictTimeS',
  offer_time: 'offerTimeS',
  min_lease: 'minLeaseS',
} as const;
const ADDRESSES = { start: 'start', end: 'end', siaddr: 'siaddr' } as const;
const TEXTS = {
  interface: 'interface',
  lease_file: 'leaseFile',
  pidfile: 'pidfile',
  notify_file: 'notifyFile',
  sname: 'sname',
  boot_file: 'bootFile',
} as const;

/** One line; false when it makes no sense. Words that are no keywords are ignored. */
function keyword(c: ServerConfig, word: string, value: string, say: (words: string) => void): boolean {
  if (word in NUMBERS) {
    if (!/^[0-9]+$/.test(value) || Number(value) > 0xffffffff) return false;
    c[NUMBERS[word as keyof typeof NUMBERS]] = Number(value);
  } else if (word in ADDRESSES) {
    const ip = inetAton(value);
    if (ip === null) say(`bad address '${value}'`);
    if (ip === null) return false;
    c[ADDRESSES[word as keyof typeof ADDRESSES]] = ip;
  } else if (word in TEXTS) c[TEXTS[word as keyof typeof TEXTS]] = value;
  else if (word === 'static_lease') {
    const [mac, ip] = value.split(/[ \t]+/);
    const [macNumber, ipNumber] = [parseMac(mac), inetAton(ip ?? '')];
    if (macNumber === null || ipNumber === null) return false;
    c.fixed.push([macNumber, ipNumber]);
  } else if (word === 'option' || word === 'opt') {
    const { option, ok, fatal } = parseOption(value, say);
    if (fatal !== null) throw new UdhcpExit(`udhcpd: ${fatal}\n`);
    if (option !== null) addOption(c.options, option);
    return ok;
  }
  return true;
}

/** A second line for the same option adds to it; options stand in the order of their numbers. */
function addOption(list: DhcpOption[], option: DhcpOption): void {
  const same = list.find((o) => o.code === option.code);
  if (same !== undefined) {
    same.data = Uint8Array.of(...same.data, ...option.data);
    return;
  }
  const at = list.findIndex((o) => o.code > option.code);
  list.splice(at < 0 ? list.length : at, 0, option);
}
