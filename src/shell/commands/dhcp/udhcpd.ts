// udhcpd: a DHCP server for one device. Linux tool: busybox 1.35, networking/udhcp/dhcpd.c.

import type { Socket } from '../../../lab/os.ts';
import { NlClient } from '../../../netlink/client.ts';
import { ADDR } from '../../../netlink/payload.ts';
import { strerror } from '../../../uapi/errno.ts';
import { bytesOfMac, formatIp4, macOfBytes } from '../../../uapi/format.ts';
import { RTM_GETADDR } from '../../../uapi/msgtype.ts';
import {
  addDhcpOption32,
  BOOTREPLY,
  BOOTREQUEST,
  DHCP_BROADCAST_FLAG,
  DHCP_CLIENT_PORT,
  DHCP_SERVER_PORT,
  DHCPACK,
  DHCPDECLINE,
  DHCPDISCOVER,
  DHCPINFORM,
  DHCPNAK,
  DHCPOFFER,
  DHCPRELEASE,
  DHCPREQUEST,
  type DhcpMessage,
  decodeDhcp,
  dhcpOption,
  dhcpOption32,
  dhcpType,
  encodeDhcp,
  newDhcp,
  OPT_HOSTNAME,
  OPT_LEASE_TIME,
  OPT_REQUESTED_IP,
  OPT_SERVER_ID,
} from '../../../wire/dhcp.ts';
import { MAC_BROADCAST } from '../../../wire/ethernet.ts';
import { IP4_BROADCAST } from '../../../wire/ip4.ts';
import type { Command, Proc } from '../../process.ts';
import { nobodyHas } from './arpping.ts';
import { ageOf, type Lease, Leases, readLeases } from './leases.ts';
import { type Device, deviceNamed, listenOn, sendKernel, sendRaw } from './link.ts';
import { textOf } from './options.ts';
import { LEAST_LENGTH } from './udhcpc.ts';
import { saidNothing, UdhcpExit, VERSION } from './udhcpc-options.ts';
import { parseConfig, parseServer, type ServerConfig, type ServerOptions } from './udhcpd-config.ts';

export const udhcpd: Command = {
  name: 'udhcpd',
  summary: 'give addresses by DHCP (busybox)',
  async run(proc) {
    try {
      const o = parseServer(proc.argv);
      if (o.foreground) return await serve(proc, o);
      proc.detach((child) => serve(child, o).catch(saidNothing));
      return 0;
    } catch (e) {
      if (!(e instanceof UdhcpExit)) throw e;
      proc.err(e.text);
      return e.code;
    }
  },
};

async function serve(proc: Proc, o: ServerOptions): Promise<number> {
  const say = (text: string): void => proc.err(`udhcpd: ${text}\n`);
  const text = await proc.readText(o.file);
  if (typeof text === 'number') say(`${o.file}: ${strerror(-text)}`);
  const config = parseConfig(typeof text === 'number' ? '' : text, o.file, say);
  await proc.writeFile(config.pidfile, `${proc.pid}\n`);
  try {
    say(`started, v${VERSION}`);
    const most = config.end - config.start + 1;
    if (config.maxLeases > most) {
      say(`max_leases=${config.maxLeases} is too big, setting to ${most}`);
      config.maxLeases = most;
    }
    const server = new Server(proc, config, o, say);
    await server.load();
    return server.findDevice() ? await server.loop() : 1;
  } finally {
    await proc.exec(['rm', '-f', config.pidfile]);
  }
}

class Server {
  private readonly proc: Proc;
  private readonly c: ServerConfig;
  private readonly o: ServerOptions;
  private readonly say: (text: string) => void;
  private readonly leases: Leases;
  private dev: Device = { name: '', index: 0, mac: 0, up: false };
  private address: number;

  constructor(proc: Proc, c: ServerConfig, o: ServerOptions, say: (text: string) => void) {
    this.proc = proc;
    this.c = c;
    this.o = o;
    this.say = say;
    this.address = o.address;
    this.leases = new Leases(c.maxLeases, () => this.seconds);
  }

  /** Since 1970. */
  private get seconds(): number {
    return Math.floor(this.proc.os.wallNs() / 1e9);
  }

  /** The leases of before. */
  async load(): Promise<void> {
    const { c, proc } = this;
    const bytes = await proc.readBytes(c.leaseFile);
    if (typeof bytes === 'number') {
      this.say(`can't open '${c.leaseFile}': ${strerror(-bytes)}`);
      return;
    }
    const file = readLeases(bytes);
    const age = file === null ? null : ageOf(file.writtenS, this.seconds);
    if (file === null || age === null) return;
    for (const { ip, mac, expires, host } of file.leases) {
      if (ip < c.start || ip > c.end || this.fixedFor(mac) !== 0 || this.isFixed(ip)) continue;
      if (this.leases.add(mac, ip, Math.max(0, expires - age), host) !== null) continue;
      this.say(`too many leases while loading ${c.leaseFile}`);
      return;
    }
  }

  /** False when there is none to serve on. */
  findDevice(): boolean {
    const dev = deviceNamed(this.proc, this.c.interface);
    const fail = (words: string): false => {
      this.say(`is interface ${this.c.interface} up and configured?: ${words}`);
      return false;
    };
    if (dev === null) return fail('No such device');
    this.dev = dev;
    if (this.address === 0) this.address = addressOn(this.proc, dev);
    return this.address !== 0 || fail('Cannot assign requested address');
  }

  async loop(): Promise<number> {
    const { proc, c } = this;
    proc.handleSignals(['SIGUSR1', 'SIGTERM']);
    const socket = listenOn(proc, this.dev.index, DHCP_SERVER_PORT);
    if (typeof socket === 'number') throw new UdhcpExit(`udhcpd: bind: ${strerror(-socket)}\n`);
    try {
      for (let untilNs = this.nextWriting(); ; ) {
        const signal = proc.takeSignal();
        if (signal !== null) {
          this.say(`received ${signal}`);
          await this.writeLeases();
          untilNs = this.nextWriting();
          if (signal === 'SIGTERM') return 0;
        }
        await this.answerAll(socket);
        const left = c.autoTimeS === 0 ? -1 : untilNs - proc.os.nowNs();
        if (c.autoTimeS !== 0 && left <= 0) {
          await this.writeLeases();
          untilNs = this.nextWriting();
          continue;
        }
        await proc.waitReadable([socket], left);
      }
    } finally {
      socket.close();
    }
  }

  private nextWriting(): number {
    return this.proc.os.nowNs() + this.c.autoTimeS * 1e9;
  }

  private async writeLeases(): Promise<void> {
    const { proc, c } = this;
    const rc = await proc.writeFile(c.leaseFile, this.leases.write());
    if (rc < 0) this.say(`can't open '${c.leaseFile}': ${strerror(-rc)}`);
    else if (c.notifyFile !== null) await proc.exec([c.notifyFile, c.leaseFile]);
  }

  private async answerAll(socket: Socket): Promise<void> {
    for (let got = socket.recv(); got !== null; got = socket.recv()) {
      const m = decodeDhcp(got.data);
      if (m !== null) await this.answer(m);
    }
  }

  private fixedFor(mac: number): number {
    return this.c.fixed.find(([m]) => m === mac)?.[1] ?? 0;
  }

  private isFixed(ip: number): boolean {
    return this.c.fixed.some(([, i]) => i === ip);
  }

  private async answer(m: DhcpMessage): Promise<void> {
    const type = dhcpType(m);
    if (m.hlen !== 6) return this.say('MAC length != 6, ignoring packet');
    if (m.op !== BOOTREQUEST) return this.say('not a REQUEST, ignoring packet');
    if (type < DHCPDISCOVER || type > DHCPINFORM) return this.say('no or bad message type option, ignoring packet');
    const serverId = dhcpOption32(m, OPT_SERVER_ID);
    if (serverId !== null && serverId !== this.address) return;
    const mac = macOfBytes(m.chaddr);
    const fixed = this.fixedFor(mac);
    if (fixed !== 0) this.say(`found static lease: ${swapped(fixed).toString(16)}`);
    const lease = fixed !== 0 ? { expires: 0, ip: fixed, mac, host: '' } : this.leases.byMac(mac);
    const asked = dhcpOption32(m, OPT_REQUESTED_IP);
    if (type === DHCPDISCOVER) await this.offer(m, mac, fixed, lease, asked);
    else if (type === DHCPREQUEST) await this.request(m, mac, lease, asked, serverId !== null);
    else if (type === DHCPINFORM) this.send(this.withOptions(this.reply(m, DHCPACK)), false);
    else if (serverId === null || lease === null) return;
    else if (type === DHCPDECLINE && asked === lease.ip) {
      lease.mac = 0;
      lease.expires = this.seconds + this.c.declineTimeS;
    } else if (type === DHCPRELEASE && m.ciaddr === lease.ip) lease.expires = this.seconds;
  }

  private async offer(
    m: DhcpMessage,
    mac: number,
    fixed: number,
    lease: Lease | null,
    asked: number | null,
  ): Promise<void> {
    const reply = this.reply(m, DHCPOFFER);
    reply.yiaddr = fixed;
    if (fixed === 0) {
      if (lease !== null) reply.yiaddr = lease.ip;
      else if (asked !== null && this.isFree(asked)) reply.yiaddr = asked;
      else reply.yiaddr = await this.findFree(mac);
      if (reply.yiaddr === 0 || this.leases.add(mac, reply.yiaddr, this.c.offerTimeS, hostOf(m)) === null) {
        this.say('no free IP addresses. OFFER abandoned');
        return;
      }
    }
    addDhcpOption32(reply, OPT_LEASE_TIME, this.leaseTime(m));
    this.withOptions(reply);
    this.say(`sending OFFER to ${formatIp4(reply.yiaddr)}`);
    this.send(reply, false);
  }

  private isFree(ip: number): boolean {
    if (ip < this.c.start || ip > this.c.end) return false;
    const lease = this.leases.byIp(ip);
    return lease === null || this.leases.expired(lease);
  }

  private async request(
    m: DhcpMessage,
    mac: number,
    lease: Lease | null,
    asked: number | null,
    selecting: boolean,
  ): Promise<void> {
    const wanted = asked ?? m.ciaddr;
    if (wanted === 0) return;
    if (lease === null || wanted !== lease.ip) {
      // Who renews what is unknown here may have it from another server.
      if (selecting || asked !== null) this.send(this.reply(m, DHCPNAK), true);
      return;
    }
    const reply = this.reply(m, DHCPACK);
    reply.yiaddr = lease.ip;
    const leaseS = this.leaseTime(m);
    addDhcpOption32(reply, OPT_LEASE_TIME, leaseS);
    this.withOptions(reply);
    this.say(`sending ACK to ${formatIp4(lease.ip)}`);
    this.send(reply, false);
    this.leases.add(mac, lease.ip, leaseS, hostOf(m));
    await this.writeLeases();
  }

  private leaseTime(m: DhcpMessage): number {
    const wanted = dhcpOption32(m, OPT_LEASE_TIME);
    const { maxLeaseS, minLeaseS } = this.c;
    return wanted === null ? maxLeaseS : Math.max(minLeaseS, Math.min(maxLeaseS, wanted));
  }

  /** An address that nobody has, or the one whose lease ended first; 0: none. The MAC says where the search begins. */
  private async findFree(mac: number): Promise<number> {
    const { start, end } = this.c;
    const size = end - start + 1;
    const first = hashOf(mac) % size;
    let oldest: Lease | null = null;
    for (let i = 0; i < size; i++) {
      const ip = start + ((first + i) % size);
      if ((ip & 0xff) === 0 || (ip & 0xff) === 0xff || ip === this.address || this.isFixed(ip)) continue;
      const lease = this.leases.byIp(ip);
      if (lease === null) {
        if (await this.unused(ip, mac)) return ip;
      } else if (oldest === null || lease.expires < oldest.expires) oldest = lease;
    }
    if (oldest === null || !this.leases.expired(oldest)) return 0;
    return (await this.unused(oldest.ip, mac)) ? oldest.ip : 0;
  }

  /** Asks the wire. Who answers keeps the address. */
  private async unused(ip: number, mac: number): Promise<boolean> {
    if (await nobodyHas(this.proc, this.dev, ip, this.address, mac, this.o.arpMs)) return true;
    this.say(`${formatIp4(ip)} belongs to someone, reserving it for ${this.c.conflictTimeS} seconds`);
    this.leases.add(0, ip, this.c.conflictTimeS, '');
    return false;
  }

  private reply(m: DhcpMessage, type: number): DhcpMessage {
    const reply = newDhcp(BOOTREPLY, type, m.xid, m.chaddr);
    reply.flags = m.flags;
    reply.giaddr = m.giaddr;
    reply.ciaddr = m.ciaddr;
    addDhcpOption32(reply, OPT_SERVER_ID, this.address);
    return reply;
  }

  private withOptions(reply: DhcpMessage): DhcpMessage {
    const { c } = this;
    for (const option of c.options) if (option.code !== OPT_LEASE_TIME) reply.options.push(option);
    reply.siaddr = c.siaddr;
    reply.sname = c.sname;
    reply.file = c.bootFile;
    return reply;
  }

  private send(m: DhcpMessage, force: boolean): void {
    const { proc, dev } = this;
    const bytes = encodeDhcp(m, LEAST_LENGTH);
    const from = { src: this.address, sport: DHCP_SERVER_PORT };
    if (m.giaddr !== 0) {
      this.sent(sendKernel(proc, dev.index, bytes, { ...from, dst: m.giaddr, dport: DHCP_SERVER_PORT }));
      return;
    }
    const all = force || (m.flags & DHCP_BROADCAST_FLAG) !== 0 || m.ciaddr === 0;
    const ends = { ...from, dst: all ? IP4_BROADCAST : m.ciaddr, dport: DHCP_CLIENT_PORT };
    this.sent(sendRaw(proc, dev.index, bytes, ends, all ? MAC_BROADCAST : macOfBytes(m.chaddr)));
  }

  private sent({ rc, where }: { rc: number; where: string }): void {
    if (rc < 0) this.say(`${where}: ${strerror(-rc)}`);
  }
}

/** The first address of a device, as SIOCGIFADDR gives it; 0: none. */
function addressOn(proc: Proc, dev: Device): number {
  const client = new NlClient(proc.os.netlink(proc.ns, 0));
  try {
    const { messages } = client.dump(ADDR, RTM_GETADDR, { family: 2 }, {});
    const found = messages.find((a) => a.header.index === dev.index && typeof a.attrs.local === 'number');
    return (found?.attrs.local as number | undefined) ?? 0;
  } finally {
    client.close();
  }
}

const hostOf = (m: DhcpMessage): string => textOf(dhcpOption(m, OPT_HOSTNAME) ?? new Uint8Array(0));

/** Network byte order in a little-endian machine's number: that is how it is printed. */
function swapped(ip: number): number {
  return (((ip & 0xff) << 24) | ((ip & 0xff00) << 8) | ((ip >>> 8) & 0xff00) | (ip >>> 24)) >>> 0;
}

/** SDBM over the bytes of the address. */
function hashOf(mac: number): number {
  let hash = 0;
  for (const byte of bytesOfMac(mac)) hash = (byte + (hash << 6) + (hash << 16)) >>> 0;
  return hash;
}
