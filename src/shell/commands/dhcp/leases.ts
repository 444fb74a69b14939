// udhcpd's table of leases, and the file that it keeps it in. Linux tool: busybox 1.35, networking/udhcp/dhcpd.c.

import { bytesOfMac, macOfBytes } from '../../../uapi/format.ts';
import { setU32, u32 } from '../../../wire/bytes.ts';

/** Time of writing, 64 bits; then records: seconds left, address, MAC, name, padding. */
const HEAD = 8;
const RECORD = 36;
const NAME = 14;
const NAME_ROOM = 20;
/** A file that was written longer ago is not believed. */
const OLDEST_S = 12 * 3600;

export interface Lease {
  /** Seconds since 1970; 0: the place is free. */
  expires: number;
  ip: number;
  /** 0: nobody's, kept from being given away. */
  mac: number;
  host: string;
}

export class Leases {
  readonly places: Lease[];
  private readonly seconds: () => number;

  /** `seconds`: the time since 1970. */
  constructor(size: number, seconds: () => number) {
    this.places = Array.from({ length: size }, nobody);
    this.seconds = seconds;
  }

  byMac(mac: number): Lease | null {
    return this.places.find((l) => l.mac === mac) ?? null;
  }

  byIp(ip: number): Lease | null {
    return this.places.find((l) => l.ip === ip) ?? null;
  }

  expired(lease: Lease): boolean {
    return lease.expires < this.seconds();
  }

  /** Takes the place of what was known of the client and the address; null when the table is full. */
  add(mac: number, ip: number, leaseS: number, host: string): Lease | null {
    for (const l of this.places) if ((mac !== 0 && l.mac === mac) || l.ip === ip) Object.assign(l, nobody());
    let oldest: Lease | null = null;
    let oldestS = this.seconds();
    for (const l of this.places) {
      if (l.expires !== 0 && l.expires >= oldestS) continue;
      oldestS = l.expires;
      oldest = l;
    }
    if (oldest === null) return null;
    oldest.mac = mac;
    oldest.ip = ip;
    oldest.expires = this.seconds() + leaseS;
    oldest.host = host.slice(0, NAME_ROOM - 1).replace(/[^A-Za-z0-9_-]/g, '.');
    return oldest;
  }

  /** The file's bytes. */
  write(): Uint8Array {
    const now = this.seconds();
    const used = this.places.filter((l) => l.ip !== 0);
    const b = new Uint8Array(HEAD + used.length * RECORD);
    setU32(b, 4, now);
    used.forEach((l, i) => {
      const at = HEAD + i * RECORD;
      setU32(b, at, Math.max(0, l.expires - now));
      setU32(b, at + 4, l.ip);
      b.set(bytesOfMac(l.mac), at + 8);
      for (let n = 0; n < l.host.length; n++) b[at + NAME + n] = l.host.charCodeAt(n);
    });
    return b;
  }
}

function nobody(): Lease {
  return { expires: 0, ip: 0, mac: 0, host: '' };
}

/** What a file holds; `expires` is in seconds left. Null when it is no such file. */
export function readLeases(b: Uint8Array): { writtenS: number; leases: Lease[] } | null {
  if (b.length < HEAD) return null;
  const leases: Lease[] = [];
  for (let at = HEAD; at + RECORD <= b.length; at += RECORD) {
    let host = '';
    for (let n = at + NAME; n < at + NAME + NAME_ROOM && b[n] !== 0; n++) host += String.fromCharCode(b[n]);
    leases.push({ expires: u32(b, at), ip: u32(b, at + 4), mac: macOfBytes(b, at + 8), host });
  }
  return { writtenS: u32(b, 0) * 0x1_0000_0000 + u32(b, 4), leases };
}

/** How long ago the file was written; null when that is not to be believed. */
export function ageOf(writtenS: number, nowS: number): number | null {
  const age = nowS - writtenS;
  return age < 0 || age > OLDEST_S ? null : age;
}
