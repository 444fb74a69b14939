// DHCP lines: the fixed part in words, and with -v each option. tcpdump: print-bootp.c.

import { formatIp4 } from '../../../uapi/format.ts';
import { putHex } from './hexdump.ts';
import { bits, hex, type Printer, type Tok, tok } from './printer.ts';

const REQUEST = 1;
const CHADDR = 28;
const SNAME = 44;
const FILE = 108;
const VENDOR = 236;
const MAGIC = 0x63825363;

/**
 * Options by number: how they are shown, and their name. i: addresses, p: pairs of them, l and L: words of 32 bits, the
 * latter signed, s: of 16, b: bytes in decimal, a: text, B: yes or no, $: special.
 */
const OPTIONS: Readonly<Record<number, string>> = {
  0: ' PAD',
  1: 'iSubnet-Mask',
  2: 'LTime-Zone',
  3: 'iDefault-Gateway',
  4: 'iTime-Server',
  5: 'iIEN-Name-Server',
  6: 'iDomain-Name-Server',
  7: 'iLOG',
  8: 'iCS',
  9: 'iLPR-Server',
  10: 'iIM',
  11: 'iRL',
  12: 'aHostname',
  13: 'sBS',
  14: 'aDP',
  15: 'aDomain-Name',
  16: 'iSS',
  17: 'aRP',
  18: 'aEP',
  19: 'BIPF',
  20: 'BSRT',
  21: 'pPF',
  22: 'sRSZ',
  23: 'bTTL',
  24: 'lMTU-Timeout',
  25: 'sMTU-Table',
  26: 'sMTU',
  27: 'BLSN',
  28: 'iBR',
  29: 'BMD',
  30: 'BMS',
  31: 'BRouter-Discovery',
  32: 'iRSA',
  33: 'pStatic-Route',
  34: 'BUT',
  35: 'lAT',
  36: 'BIE',
  37: 'bTT',
  38: 'lKI',
  39: 'BKG',
  40: 'aYD',
  41: 'iYS',
  42: 'iNTP',
  43: 'bVendor-Option',
  44: 'iNetbios-Name-Server',
  45: 'iWDD',
  46: '$Netbios-Node',
  47: 'aNetbios-Scope',
  48: 'iXFS',
  49: 'iXDM',
  50: 'iRequested-IP',
  51: 'lLease-Time',
  52: '$OO',
  53: ' DHCP-Message',
  54: 'iServer-ID',
  55: 'bParameter-Request',
  56: 'aMSG',
  57: 'sMSZ',
  58: 'lRN',
  59: 'lRB',
  60: 'aVendor-Class',
  61: '$Client-ID',
  64: 'sN+D',
  65: 'iN+S',
  66: 'aTFTP',
  67: 'aBF',
  68: 'iMH',
  69: 'iSMTP',
  70: 'iPOP3',
  71: 'iNNTP',
  72: 'iWWW',
  73: 'iFG',
  74: 'iIRC',
  75: 'iSTS',
  76: 'iSTDA',
  77: '$User-Class',
  78: 'bSLP-DA',
  79: 'bSLP-SCOPE',
  80: 'aSLP-NA',
  81: '$FQDN',
  82: '$Agent-Information',
  83: 'bARMT',
  84: 'bAMSK',
  88: 'aTZSTR',
  89: 'bFQDNS',
  90: 'bAUTH',
  91: 'iVINES',
  92: 'sRANK',
  93: 'sARCH',
  94: 'bNDI',
  95: 'aLDAP',
  96: 'i6o4',
  97: 'bGUID',
  98: 'aUAP',
  100: 'aPOSIX-TZ',
  101: 'aTZ-Name',
  110: 'bIPX',
  112: 'iNI',
  113: 'aNITAG',
  114: 'aURL',
  115: 'bFAIL',
  116: 'BNOAUTO',
  117: 'sNSSEARCH',
  118: 'iSUBNET',
  121: '$Classless-Static-Route',
  150: 'iTFTP-Server-Address',
  161: 'aMUD-URL',
  249: '$Classless-Static-Route-Microsoft',
  255: ' END',
};
const MESSAGES = ['Discover', 'Offer', 'Request', 'Decline', 'ACK', 'NACK', 'Release', 'Inform'];
const HARDWARE: Tok = [
  [1, 'ether'],
  [6, 'ieee802'],
  [7, 'arcnet'],
  [15, 'frelay'],
  [23, 'strip'],
  [24, 'ieee1394'],
];
const FLAGS: Tok = [[0x8000, 'Broadcast']];
const FQDN_FLAGS: Tok = [
  [1, 'S'],
  [2, 'O'],
  [4, 'E'],
  [8, 'N'],
];

/** `length`: of the payload on the wire. */
export function printDhcp(p: Printer, at: number, length: number): void {
  p.proto = 'bootp';
  const op = p.u8(at);
  p.put(`BOOTP/DHCP, ${op === REQUEST ? 'Request' : op === 2 ? 'Reply' : `unknown (0x${hex(op, 2)})`}`);
  const htype = p.u8(at + 1);
  const hlen = p.u8(at + 2);
  if (htype === 1 && hlen === 6 && op === REQUEST) p.put(` from ${p.mac(at + CHADDR)}`);
  p.put(`, length ${length}`);
  if (p.o.v === 0) return;
  p.need(at + 8, 2);
  if (htype !== 1) p.put(`, htype ${htype}`);
  if (htype !== 1 || hlen !== 6) p.put(`, hlen ${hlen}`);
  if (p.u8(at + 3) !== 0) p.put(`, hops ${p.u8(at + 3)}`);
  if (p.u32(at + 4) !== 0) p.put(`, xid 0x${p.u32(at + 4).toString(16)}`);
  if (p.u16(at + 8) !== 0) p.put(`, secs ${p.u16(at + 8)}`);
  const flags = p.u16(at + 10);
  p.put(`, Flags [${bits(FLAGS, flags, 'none')}]`);
  if (p.o.v > 1) p.put(` (0x${hex(flags, 4)})`);
  ['Client', 'Your', 'Server', 'Gateway'].forEach((name, i) => {
    if (p.u32(at + 12 + i * 4) !== 0) p.put(`\n\t  ${name}-IP ${p.ip4(at + 12 + i * 4)}`);
  });
  if (htype === 1 && hlen === 6) p.put(`\n\t  Client-Ethernet-Address ${p.mac(at + CHADDR)}`);
  putName(p, 'sname', at + SNAME, 64);
  putName(p, 'file', at + FILE, 128);
  const magic = p.u32(at + VENDOR);
  if (magic === MAGIC) putOptions(p, at + VENDOR + 4);
  else if (magic !== 0) p.put(`\n\t  Vendor-#0x${magic.toString(16)}`);
}

/** A field with a zero at its end. */
function putName(p: Printer, name: string, at: number, room: number): void {
  if (p.u8(at) === 0) return;
  let n = 0;
  while (n < room && p.has(at + n, 1) && p.b[at + n] !== 0) n++;
  p.put(`\n\t  ${name} "${printable(p, at, n)}"`);
  if (n < room) p.need(at + n, 1);
}

/** Bytes that are no ASCII as tcpdump shows them: ^X, M-x. */
function printable(p: Printer, at: number, n: number): string {
  let text = '';
  for (let i = 0; i < n; i++) {
    let c = p.b[at + i];
    if (c > 127) {
      text += 'M-';
      c &= 127;
    }
    text += c < 32 || c === 127 ? `^${String.fromCharCode(c ^ 64)}` : String.fromCharCode(c);
  }
  return text;
}

function putOptions(p: Printer, from: number): void {
  p.put(`\n\t  Vendor-rfc1048 Extensions\n\t    Magic Cookie 0x${hex(MAGIC, 8)}`);
  for (let at = from; p.has(at, 1); ) {
    const tag = p.b[at++];
    if (p.o.v < 3 && tag === 255) return;
    if (p.o.v < 3 && tag === 0) continue;
    const fixed = tag === 0 || tag === 255;
    const len = fixed ? 0 : p.u8(at++);
    const known = OPTIONS[tag] ?? '?Unknown';
    p.put(`\n\t    ${known.slice(1)} (${tag}), length ${len}${len > 0 ? ': ' : ''}`);
    if (tag === 0) at = putPads(p, at);
    p.need(at, len);
    const left = putValue(p, tag, known[0], at, len);
    if (left > 0) p.put(`\n\t  trailing data length ${left}`);
    at += len;
  }
}

/** -vvv counts the zeros. */
function putPads(p: Printer, at: number): number {
  let n = 1;
  while (p.has(at, 1) && p.b[at] === 0) {
    at++;
    n++;
  }
  if (n > 1) p.put(`, occurs ${n}`);
  return at;
}

/** The value; how many of its bytes made no sense. */
function putValue(p: Printer, tag: number, shape: string, at: number, len: number): number {
  const values = (size: number, one: (at: number) => string, separator = ','): number => {
    const out: string[] = [];
    for (let i = 0; i + size <= len; i += size) out.push(one(at + i));
    p.put(out.join(separator));
    return len % size;
  };
  if (tag === 53 && len === 1) {
    p.put(MESSAGES[p.b[at] - 1] ?? `Unknown (${p.b[at]})`);
    return 0;
  }
  if (tag === 55) {
    for (let i = 0; i < len; i++) {
      p.put(i % 4 === 0 ? '\n\t      ' : ', ');
      p.put(`${(OPTIONS[p.b[at + i]] ?? '?Unknown').slice(1)} (${p.b[at + i]})`);
    }
    return 0;
  }
  const c = shape !== '?' ? shape : (len & 1) !== 0 ? 'b' : (len & 2) !== 0 ? 's' : 'l';
  switch (c) {
    case 'a':
      p.put(`"${printable(p, at, len)}"`);
      return 0;
    case 'i':
      return values(4, (i) => p.ip4(i));
    case 'l':
      return values(4, (i) => String(p.u32(i)));
    case 'L':
      return values(4, (i) => String(p.u32(i) | 0));
    case 'p':
      return values(8, (i) => `(${p.ip4(i)}:${p.ip4(i + 4)})`);
    case 's':
      return values(2, (i) => String(p.u16(i)));
    case 'B':
      return values(1, (i) => (p.b[i] === 0 ? 'N' : p.b[i] === 1 ? 'Y' : `${p.b[i]}?`));
    case '$':
      return putSpecial(p, tag, at, len);
    default:
      return values(1, (i) => String(p.b[i]), '.');
  }
}

function putSpecial(p: Printer, tag: number, at: number, len: number): number {
  const least = tag === 81 ? 3 : tag === 121 || tag === 249 ? 5 : tag === 77 ? 2 : tag === 82 ? 0 : 1;
  if (len < least) {
    p.put(`[ERROR: length < ${least} bytes]`);
    return tag === 46 || tag === 52 || tag === 61 ? len : 0;
  }
  if (tag === 46)
    p.put(
      tok(
        [
          [1, 'b-node'],
          [2, 'p-node'],
          [4, 'm-node'],
          [8, 'h-node'],
        ],
        p.b[at],
        `#${p.b[at]}`,
      ),
    );
  else if (tag === 52)
    p.put(
      tok(
        [
          [1, 'file'],
          [2, 'sname'],
          [3, 'file+sname'],
        ],
        p.b[at],
        `#${p.b[at]}`,
      ),
    );
  if (tag === 46 || tag === 52) return len - 1;
  if (tag === 81) putFqdn(p, at, len);
  else if (tag === 61) putClientId(p, at, len);
  else if (tag === 121 || tag === 249) putRoutes(p, at, len);
  else if (tag === 77) putClasses(p, at, len);
  else return putAgent(p, at, len);
  return 0;
}

function putFqdn(p: Printer, at: number, len: number): void {
  if (p.b[at] !== 0) p.put(`[${bits(FQDN_FLAGS, p.b[at], '', '')}] `);
  if (p.b[at + 1] !== 0 || p.b[at + 2] !== 0) p.put(`${p.b[at + 1]}/${p.b[at + 2]} `);
  p.put(`"${printable(p, at + 3, len - 3)}"`);
}

function putClientId(p: Printer, at: number, len: number): void {
  const type = p.b[at];
  if (type === 0) return void p.put(`"${printable(p, at + 1, len - 1)}"`);
  const bytes = Array.from(p.b.subarray(at + 1, at + len), (b) => hex(b, 2)).join(':');
  p.put(`${tok(HARDWARE, type, `hardware-type ${type},`)} ${bytes}`);
}

function putRoutes(p: Printer, at: number, len: number): void {
  const end = at + len;
  for (let i = at, first = true; i < end; first = false) {
    if (!first) p.put(',');
    const width = p.b[i++];
    if (width > 32) return void p.put(`[ERROR: Mask width (${width}) > 32]`);
    const octets = (width + 7) >> 3;
    if (end - i < octets + 4) return void p.put(`[ERROR: Remaining length (${end - i}) < ${octets + 4} bytes]`);
    const net = [0, 1, 2, 3].reduce((n, k) => n * 256 + (k < octets ? p.b[i + k] : 0), 0);
    p.put(`(${width === 0 ? 'default' : `${formatIp4(net)}/${width}`}:${p.ip4(i + octets)})`);
    i += octets + 4;
  }
}

function putClasses(p: Printer, at: number, len: number): void {
  const end = at + len;
  for (let i = at, n = 1; i < end; n++) {
    const size = p.b[i++];
    p.put(`\n\t      instance#${n}: `);
    if (size === 0) return void p.put('[ERROR: suboption length must be non-zero]');
    if (end - i < size) return void p.put('[ERROR: invalid option]');
    p.put(`"${printable(p, i, size)}", length ${size}`);
    i += size;
  }
}

/** What a relay adds. */
function putAgent(p: Printer, at: number, len: number): number {
  const names: Tok = [
    [1, 'Circuit-ID'],
    [2, 'Remote-ID'],
    [6, 'Subscriber-ID'],
  ];
  const end = at + len;
  let i = at;
  while (end - i >= 2) {
    const [sub, size] = [p.b[i], p.b[i + 1]];
    i += 2;
    p.put(`\n\t      ${tok(names, sub, 'Unknown')} SubOption ${sub}, length ${size}: `);
    if (size > end - i) {
      p.put('length goes past end of option');
      return 0;
    }
    if (names.some(([n]) => n === sub)) p.put(printable(p, i, size));
    else putHex(p, i, size, '\n\t\t');
    i += size;
  }
  return end - i;
}
