// DHCP messages (RFC 2131, 2132): the fixed part of BOOTP, the magic cookie, options in the order in which they stand.
// A record and its bytes, with the option overload of `file` and `sname`. What an option means is for those who use it.

import { setU16, setU32, u16, u32 } from './bytes.ts';

export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;
export const DHCP_MAGIC = 0x63825363;
/** Where the options begin: behind the fixed part and the cookie. */
export const DHCP_OPTIONS_AT = 240;
export const BOOTREQUEST = 1;
export const BOOTREPLY = 2;
export const DHCP_BROADCAST_FLAG = 0x8000;

/** Message types, option 53. */
export const DHCPDISCOVER = 1;
export const DHCPOFFER = 2;
export const DHCPREQUEST = 3;
export const DHCPDECLINE = 4;
export const DHCPACK = 5;
export const DHCPNAK = 6;
export const DHCPRELEASE = 7;
export const DHCPINFORM = 8;

/** Options that the protocol itself needs. */
export const OPT_PAD = 0;
export const OPT_SUBNET = 1;
export const OPT_ROUTER = 3;
export const OPT_DNS = 6;
export const OPT_HOSTNAME = 12;
export const OPT_DOMAIN = 15;
export const OPT_MTU = 26;
export const OPT_BROADCAST = 28;
export const OPT_REQUESTED_IP = 50;
export const OPT_LEASE_TIME = 51;
export const OPT_OVERLOAD = 52;
export const OPT_MESSAGE_TYPE = 53;
export const OPT_SERVER_ID = 54;
export const OPT_PARAM_REQ = 55;
export const OPT_MESSAGE = 56;
export const OPT_MAX_SIZE = 57;
export const OPT_RENEWAL = 58;
export const OPT_REBINDING = 59;
export const OPT_VENDOR = 60;
export const OPT_CLIENT_ID = 61;
export const OPT_FQDN = 81;
export const OPT_END = 255;

const SECS = 8;
const CHADDR = 28;
const SNAME = 44;
const FILE = 108;
const COOKIE = 236;

export interface DhcpOption {
  code: number;
  data: Uint8Array;
}

/** Addresses are unsigned 32-bit numbers. */
export interface DhcpMessage {
  op: number;
  htype: number;
  hlen: number;
  hops: number;
  xid: number;
  secs: number;
  flags: number;
  ciaddr: number;
  yiaddr: number;
  siaddr: number;
  giaddr: number;
  /** 16 bytes, of which `hlen` count. */
  chaddr: Uint8Array;
  sname: string;
  file: string;
  options: DhcpOption[];
}

/** A message with everything else 0; `chaddr` is copied. */
export function newDhcp(op: number, type: number, xid: number, chaddr: Uint8Array): DhcpMessage {
  const mac = new Uint8Array(16);
  mac.set(chaddr.subarray(0, 16));
  return {
    op,
    htype: 1,
    hlen: 6,
    hops: 0,
    xid,
    secs: 0,
    flags: 0,
    ciaddr: 0,
    yiaddr: 0,
    siaddr: 0,
    giaddr: 0,
    chaddr: mac,
    sname: '',
    file: '',
    options: [{ code: OPT_MESSAGE_TYPE, data: Uint8Array.of(type) }],
  };
}

/** The first option with that code; null when there is none. */
export function dhcpOption(m: DhcpMessage, code: number): Uint8Array | null {
  return m.options.find((o) => o.code === code)?.data ?? null;
}

/** An option that is one 32-bit number; null when there is none of that length. */
export function dhcpOption32(m: DhcpMessage, code: number): number | null {
  const data = m.options.find((o) => o.code === code && o.data.length === 4)?.data;
  return data === undefined ? null : u32(data, 0);
}

/** DHCPDISCOVER and so on; 0: none. */
export function dhcpType(m: DhcpMessage): number {
  return dhcpOption(m, OPT_MESSAGE_TYPE)?.[0] ?? 0;
}

export function addDhcpOption(m: DhcpMessage, code: number, data: Uint8Array): void {
  m.options.push({ code, data });
}

export function addDhcpOption32(m: DhcpMessage, code: number, value: number): void {
  const data = new Uint8Array(4);
  setU32(data, 0, value);
  m.options.push({ code, data });
}

/** `least`: the message is filled up to that length with zeros. */
export function encodeDhcp(m: DhcpMessage, least = 0): Uint8Array {
  let size = DHCP_OPTIONS_AT + 1;
  for (const o of m.options) size += 2 + o.data.length;
  const b = new Uint8Array(Math.max(least, size));
  b[0] = m.op;
  b[1] = m.htype;
  b[2] = m.hlen;
  b[3] = m.hops;
  setU32(b, 4, m.xid);
  setU16(b, SECS, m.secs);
  setU16(b, SECS + 2, m.flags);
  setU32(b, 12, m.ciaddr);
  setU32(b, 16, m.yiaddr);
  setU32(b, 20, m.siaddr);
  setU32(b, 24, m.giaddr);
  b.set(m.chaddr.subarray(0, 16), CHADDR);
  putText(b, SNAME, 64, m.sname);
  putText(b, FILE, 128, m.file);
  setU32(b, COOKIE, DHCP_MAGIC);
  let at = DHCP_OPTIONS_AT;
  for (const { code, data } of m.options) {
    b[at] = code;
    b[at + 1] = data.length;
    b.set(data, at + 2);
    at += 2 + data.length;
  }
  b[at] = OPT_END;
  return b;
}

/** Null when it is short, has another cookie, or an option that leads past its end. */
export function decodeDhcp(b: Uint8Array): DhcpMessage | null {
  if (b.length < DHCP_OPTIONS_AT || u32(b, COOKIE) !== DHCP_MAGIC) return null;
  const m = newDhcp(b[0], 0, u32(b, 4), b.subarray(CHADDR, CHADDR + 16));
  m.htype = b[1];
  m.hlen = b[2];
  m.hops = b[3];
  m.secs = u16(b, SECS);
  m.flags = u16(b, SECS + 2);
  m.ciaddr = u32(b, 12);
  m.yiaddr = u32(b, 16);
  m.siaddr = u32(b, 20);
  m.giaddr = u32(b, 24);
  m.options.length = 0;
  if (!readOptions(m, b, DHCP_OPTIONS_AT, b.length)) return null;
  const overload = dhcpOption(m, OPT_OVERLOAD)?.[0] ?? 0;
  if ((overload & 1) !== 0 && !readOptions(m, b, FILE, COOKIE)) return null;
  if ((overload & 2) !== 0 && !readOptions(m, b, SNAME, FILE)) return null;
  if ((overload & 1) === 0) m.file = getText(b, FILE, 128);
  if ((overload & 2) === 0) m.sname = getText(b, SNAME, 64);
  return m;
}

/** One area of options; true when it is in order. An area may end without OPT_END. */
function readOptions(m: DhcpMessage, b: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end && b[at] !== OPT_END; ) {
    if (b[at] === OPT_PAD) {
      at++;
      continue;
    }
    if (at + 2 > end || at + 2 + b[at + 1] > end) return false;
    m.options.push({ code: b[at], data: b.slice(at + 2, at + 2 + b[at + 1]) });
    at += 2 + b[at + 1];
  }
  return true;
}

/** The last byte stays 0. */
function putText(b: Uint8Array, at: number, room: number, text: string): void {
  for (let i = 0; i < text.length && i < room - 1; i++) b[at + i] = text.charCodeAt(i);
}

function getText(b: Uint8Array, at: number, room: number): string {
  let text = '';
  for (let i = at; i < at + room && b[i] !== 0; i++) text += String.fromCharCode(b[i]);
  return text;
}
