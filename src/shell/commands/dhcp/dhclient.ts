// dhclient: ISC's DHCP client for one device, IPv4. It listens at the device itself, so that no address is needed; what it is
// told its script sets (scripts.ts). Linux tool: isc-dhcp 4.4.3, client/dhclient.c.

import type { Socket } from '../../../lab/os.ts';
import { strerror } from '../../../uapi/errno.ts';
import { bytesOfMac, formatIp4, formatMac, macOfBytes } from '../../../uapi/format.ts';
import {
  addDhcpOption,
  addDhcpOption32,
  BOOTREQUEST,
  DHCP_BROADCAST_FLAG,
  DHCP_CLIENT_PORT,
  DHCP_SERVER_PORT,
  DHCPACK,
  DHCPDISCOVER,
  DHCPNAK,
  DHCPOFFER,
  DHCPRELEASE,
  DHCPREQUEST,
  type DhcpMessage,
  dhcpOption32,
  dhcpType,
  encodeDhcp,
  newDhcp,
  OPT_CLIENT_ID,
  OPT_HOSTNAME,
  OPT_PARAM_REQ,
  OPT_REQUESTED_IP,
  OPT_SERVER_ID,
} from '../../../wire/dhcp.ts';
import { ETH_P_IP, MAC_BROADCAST } from '../../../wire/ethernet.ts';
import { IP4_BROADCAST, ip4Src } from '../../../wire/ip4.ts';
import type { Command, Proc } from '../../process.ts';
import {
  type Lease,
  lastLease,
  leaseOf,
  leaseText,
  leaseVariables,
  requestedVariables,
  serverOf,
} from './dhclient-lease.ts';
import {
  BANNER,
  BUG,
  type DhclientConfig,
  DhclientExit,
  type DhclientOptions,
  parseDhclient,
  parseDhclientConfig,
} from './dhclient-options.ts';
import { type Device, deviceNamed, dhcpInPacket, ip4Address, packetAddress, sendRaw } from './link.ts';
import { bytesOf } from './options.ts';

const LEAST_LENGTH = 300;
const LOWDELAY = 0x10;
const RAW_TTL = 128;
/** Longest pause between two questions, about. */
const CUTOFF_S = 15;
const NO_LEASE = 2;

export const dhclient: Command = {
  name: 'dhclient',
  summary: 'get an address by DHCP (isc-dhcp)',
  async run(proc) {
    try {
      const client = new Dhclient(proc, parseDhclient(proc.argv));
      return await client.main();
    } catch (e) {
      if (!(e instanceof DhclientExit)) throw e;
      proc.err(e.text);
      return e.code;
    }
  },
};

/** A message that came, and from where. */
interface Heard {
  m: DhcpMessage;
  from: number;
}

class Dhclient {
  private proc: Proc;
  private readonly o: DhclientOptions;
  private config: DhclientConfig = { timeoutS: 60, retryS: 300, rebootS: 10, hostName: null, request: [] };
  private dev: Device = { name: '', index: 0, mac: 0, up: false };
  private socket: Socket | null = null;
  /** The kernel's own socket on the port: for what is sent to one server, and so that answers to it are wanted. */
  private fallback: Socket | null = null;
  private lease: Lease | null = null;
  private quiet: boolean;
  private background = false;
  private bound = false;
  private xid = 0;
  private firstS = 0;

  constructor(proc: Proc, o: DhclientOptions) {
    this.proc = proc;
    this.o = o;
    this.quiet = !o.verbose;
  }

  private say(text: string): void {
    if (!this.quiet) this.proc.err(`${text}\n`);
  }

  private get seconds(): number {
    return Math.floor(this.proc.os.wallNs() / 1e9);
  }

  async main(): Promise<number> {
    const { proc, o } = this;
    if (o.release || o.stop) await this.killOld();
    const name = await proc.readText('/etc/hostname');
    const config = await proc.readText(o.configFile);
    this.config = parseDhclientConfig(typeof config === 'number' ? '' : config, String(name).trim());
    if (!this.quiet) proc.err(`${BANNER}\n`);
    await this.script(o.release || o.stop ? null : 'PREINIT');
    const dev = deviceNamed(proc, o.device);
    if (dev === null) {
      throw new DhclientExit(this.quiet ? '' : `Failed to get interface index: No such device\n${BUG}`);
    }
    this.dev = dev;
    const end = `LPF/${dev.name}/${formatMac(dev.mac)}`;
    this.say(`Listening on ${end}\nSending on   ${end}\nSending on   Socket/fallback`);
    const database = await proc.readText(o.leaseFile);
    this.lease = typeof database === 'number' ? null : lastLease(database, dev.name);
    if (o.release) return this.release();
    if (o.stop) return this.stop();
    if (o.noWait) return this.fork();
    return this.go();
  }

  /** The whole life of a client, from here on. */
  private async go(): Promise<number> {
    this.listen();
    try {
      for (;;) {
        const code = await this.getLease();
        if (code !== null) return code;
        const kept = await this.keep();
        if (kept !== null) return kept;
      }
    } finally {
      this.close();
    }
  }

  private listen(): void {
    const { proc } = this;
    this.close();
    this.watch();
    const fallback = proc.os.socket(proc.ns, 'udp4', 0);
    if (typeof fallback === 'number') throw new DhclientExit(`Can't create dhcp socket: ${strerror(-fallback)}\n`);
    fallback.setOption('SO_REUSEADDR', 1);
    const rc = fallback.bind(ip4Address(0, DHCP_CLIENT_PORT));
    if (rc < 0) throw new DhclientExit(`Can't bind to dhcp address: ${strerror(-rc)}\n`);
    this.fallback = fallback;
  }

  /** Everything that the device receives; the real one has the kernel sort out what is not for it. */
  private watch(): void {
    const socket = this.proc.os.socket(this.proc.ns, 'packet-dgram', ETH_P_IP);
    if (typeof socket === 'number') throw new DhclientExit(`Open a socket for LPF: ${strerror(-socket)}\n`);
    socket.bind(packetAddress(this.dev.index));
    this.socket = socket;
  }

  private close(): void {
    this.socket?.close();
    this.fallback?.close();
    this.socket = null;
    this.fallback = null;
  }

  private async writePid(): Promise<void> {
    if (this.o.pidFile !== null) await this.proc.writeFile(this.o.pidFile, `${this.proc.pid}\n`);
  }

  private async killOld(): Promise<void> {
    const { proc, o } = this;
    if (o.pidFile === null) return;
    const text = await proc.readText(o.pidFile);
    if (typeof text === 'number') return;
    if (proc.signal(Number(text), 'SIGTERM')) proc.err('Killed old client process\n');
    await proc.exec(['rm', '-f', o.pidFile]);
  }

  /** Goes on as another process, once: the parent's exit code. */
  private fork(pauseS = 0): number {
    this.background = true;
    this.quiet = true;
    this.close();
    const bound = this.bound;
    this.proc.detach(async (child) => {
      this.proc = child;
      await this.writePid();
      await child.sleep(pauseS * 1e9);
      try {
        if (!bound) return await this.go();
        this.listen();
        return (await this.keep()) ?? (await this.go());
      } catch (e) {
        if (!(e instanceof DhclientExit)) throw e;
        return e.code; // nobody hears why it ended
      } finally {
        this.close();
      }
    });
    return 0;
  }

  /** With `null` nothing is run. */
  private async script(reason: string | null, made: Lease | null = null, old: Lease | null = null): Promise<void> {
    const { proc, o } = this;
    if (reason === null || proc.which(o.script) === null) return;
    const env: Record<string, string> = {
      ...o.env,
      interface: o.device,
      pid: String(proc.pid),
      reason,
      dad_wait_time: '0',
    };
    if (reason !== 'PREINIT') Object.assign(env, requestedVariables(this.config.request));
    if (made !== null) Object.assign(env, leaseVariables(made, 'new'));
    if (old !== null) Object.assign(env, leaseVariables(old, 'old'));
    await proc.exec([o.script], { env });
  }

  private newMessage(type: number): DhcpMessage {
    const m = newDhcp(BOOTREQUEST, type, this.xid, bytesOfMac(this.dev.mac));
    m.secs = Math.min(0xffff, this.seconds - this.firstS);
    if (this.o.broadcast) m.flags = DHCP_BROADCAST_FLAG;
    return m;
  }

  /** What every message ends with. */
  private addOptions(m: DhcpMessage, ask = true): void {
    const { hostName } = this.config;
    if (hostName !== null) addDhcpOption(m, OPT_HOSTNAME, bytesOf(hostName));
    if (this.o.clientId !== null) addDhcpOption(m, OPT_CLIENT_ID, this.o.clientId);
    if (ask) addDhcpOption(m, OPT_PARAM_REQ, Uint8Array.from(this.config.request));
  }

  private broadcast(m: DhcpMessage): void {
    const ends = { src: m.ciaddr, sport: DHCP_CLIENT_PORT, dst: IP4_BROADCAST, dport: DHCP_SERVER_PORT };
    const bytes = encodeDhcp(m, LEAST_LENGTH);
    const { rc } = sendRaw(this.proc, this.dev.index, bytes, ends, MAC_BROADCAST, LOWDELAY, RAW_TTL);
    if (rc < 0) this.say(`send_packet: ${strerror(-rc)}`);
  }

  private unicast(m: DhcpMessage, to: number, where: string): void {
    const bytes = encodeDhcp(m, LEAST_LENGTH);
    const rc = this.fallback?.sendTo(bytes, ip4Address(to, DHCP_SERVER_PORT)) ?? 0;
    if (rc >= 0) return;
    this.say(`send_packet: ${strerror(-rc)}`);
    this.say('send_packet: please consult README file regarding broadcast address.');
    this.say(`${where}: Failed to send ${bytes.length} byte long packet over fallback interface.`);
  }

  /** The next message for us, of one of these types; null when the time is up. */
  private async hear(types: readonly number[], ns: number): Promise<Heard | null> {
    const { proc, socket } = this;
    const untilNs = proc.os.nowNs() + ns;
    while (socket !== null) {
      while (this.fallback?.recv() != null);
      for (let got = socket.recv(); got !== null; got = socket.recv()) {
        const m = dhcpInPacket(got.data, DHCP_CLIENT_PORT);
        if (m === null || m.xid !== this.xid || macOfBytes(m.chaddr) !== this.dev.mac) continue;
        if (types.includes(dhcpType(m))) return { m, from: ip4Src(got.data, 0) };
      }
      const left = untilNs - proc.os.nowNs();
      if (left <= 0) return null;
      await proc.waitReadable([socket], left);
    }
    return null;
  }

  /** Asks until it has a lease. An exit code, or null when it has one. */
  private async getLease(): Promise<number | null> {
    for (;;) {
      this.xid = this.proc.random.u32();
      this.firstS = this.seconds;
      const ack = (await this.reboot()) ?? (await this.discover());
      if (ack !== null) return this.bind(ack.heard, ack.reason);
      const code = await this.panic();
      if (code !== null) return code;
      await this.proc.sleep(this.config.retryS * 1e9);
    }
  }

  /** Asks for the address of before, as long as its lease lasts. */
  private async reboot(): Promise<{ heard: Heard; reason: string } | null> {
    const { lease, config } = this;
    if (lease === null || lease.expire <= this.seconds) return null;
    const heard = await this.request(lease.address, null, config.rebootS);
    return heard === null ? null : { heard, reason: 'REBOOT' };
  }

  private async discover(): Promise<{ heard: Heard; reason: string } | null> {
    const { config, proc } = this;
    const untilS = this.firstS + config.timeoutS;
    for (let interval = 0; this.seconds <= untilS; ) {
      interval = this.nextInterval(interval, 3 + proc.random.below(6), untilS);
      this.say(`DHCPDISCOVER on ${this.dev.name} to 255.255.255.255 port 67 interval ${interval}`);
      const m = this.newMessage(DHCPDISCOVER);
      if (this.lease !== null) addDhcpOption32(m, OPT_REQUESTED_IP, this.lease.address);
      this.addOptions(m);
      this.broadcast(m);
      const offer = await this.hear([DHCPOFFER], interval * 1e9);
      if (offer === null) continue;
      this.say(`DHCPOFFER of ${formatIp4(offer.m.yiaddr)} from ${formatIp4(offer.from)}`);
      const server = dhcpOption32(offer.m, OPT_SERVER_ID) ?? 0;
      const heard = await this.request(offer.m.yiaddr, server, config.timeoutS);
      if (heard !== null) return { heard, reason: 'BOUND' };
    }
    return null;
  }

  /** Doubles on the average; the last one ends a second behind the time. */
  private nextInterval(before: number, first: number, untilS: number): number {
    const { random } = this.proc;
    let s = before === 0 ? first : before + random.below(2 * before);
    if (s > CUTOFF_S) s = Math.floor(CUTOFF_S / 2) + random.below(CUTOFF_S);
    return this.seconds + s > untilS ? untilS - this.seconds + 1 : s;
  }

  /** DHCPREQUEST until there is an answer; null for none, and for a refusal. */
  private async request(address: number, server: number | null, lastsS: number): Promise<Heard | null> {
    const untilS = this.seconds + lastsS;
    for (let interval = 0; this.seconds <= untilS; ) {
      interval = this.nextInterval(interval, 3 + this.proc.random.below(6), untilS);
      this.ask(address, server);
      const heard = await this.hear([DHCPACK, DHCPNAK], interval * 1e9);
      if (heard !== null) return this.accepted(heard);
    }
    return null;
  }

  private ask(address: number, server: number | null): void {
    this.say(`DHCPREQUEST for ${formatIp4(address)} on ${this.dev.name} to 255.255.255.255 port 67`);
    const m = this.newMessage(DHCPREQUEST);
    if (server !== null) addDhcpOption32(m, OPT_SERVER_ID, server);
    addDhcpOption32(m, OPT_REQUESTED_IP, address);
    this.addOptions(m);
    this.broadcast(m);
  }

  private accepted(heard: Heard): Heard | null {
    if (dhcpType(heard.m) === DHCPACK) {
      this.say(`DHCPACK of ${formatIp4(heard.m.yiaddr)} from ${formatIp4(heard.from)}`);
      return heard;
    }
    this.say(`DHCPNAK from ${formatIp4(heard.from)}`);
    this.lease = null;
    return null;
  }

  /** There is a lease: the script sets it, the database keeps it, and the parent may go. */
  private async bind(heard: Heard, reason: string): Promise<number | null> {
    const old = this.lease;
    const made = leaseOf(heard.m, this.dev.name, this.seconds, (n) => this.proc.random.below(n));
    this.lease = made;
    this.bound = true;
    await this.proc.appendFile(this.o.leaseFile, leaseText(made));
    await this.script(reason, made, reason === 'BOUND' || reason === 'REBOOT' ? null : old);
    this.say(`bound to ${formatIp4(made.address)} -- renewal in ${made.renew - this.seconds} seconds.`);
    if (this.background || this.o.foreground) {
      if (reason === 'BOUND' || reason === 'REBOOT') await this.writePid();
      return null;
    }
    return this.fork();
  }

  /** Nobody answered. */
  private async panic(): Promise<number | null> {
    this.say('No DHCPOFFERS received.');
    await this.script('FAIL');
    if (this.o.once) {
      this.say('Unable to obtain a lease on first try.  Exiting.');
      return NO_LEASE;
    }
    this.say('No working leases in persistent database - sleeping.');
    this.lease = null;
    return this.background || this.o.foreground ? null : this.fork(this.config.retryS);
  }

  /** Renews until the lease is lost; then null. */
  private async keep(): Promise<number | null> {
    for (;;) {
      const { lease } = this;
      if (lease === null) return null;
      this.socket?.close();
      this.socket = null;
      await this.proc.sleep(Math.max(0, lease.renew - this.seconds) * 1e9);
      this.watch();
      const heard = await this.renew(lease);
      if (heard === null) {
        await this.script('EXPIRE', null, lease);
        this.lease = null;
        return null;
      }
      await this.bind(heard, this.seconds < lease.rebind ? 'RENEW' : 'REBIND');
    }
  }

  private async renew(lease: Lease): Promise<Heard | null> {
    this.xid = this.proc.random.u32();
    this.firstS = this.seconds;
    for (let interval = 0; this.seconds < lease.expire; ) {
      interval = this.nextInterval(interval, 3 + this.proc.random.below(6), lease.expire);
      const m = this.newMessage(DHCPREQUEST);
      m.ciaddr = lease.address;
      this.addOptions(m);
      const unicast = this.seconds < lease.rebind;
      const to = unicast ? serverOf(lease) : IP4_BROADCAST;
      this.say(`DHCPREQUEST for ${formatIp4(lease.address)} on ${this.dev.name} to ${formatIp4(to)} port 67`);
      if (unicast) this.unicast(m, to, 'dhclient.c:2961');
      else this.broadcast(m);
      const heard = await this.hear([DHCPACK, DHCPNAK], interval * 1e9);
      if (heard !== null) return this.accepted(heard);
    }
    return null;
  }

  private async release(): Promise<number> {
    const { lease } = this;
    if (lease === null || lease.expire <= this.seconds) return 0;
    this.xid = this.proc.random.u32();
    this.firstS = this.seconds;
    const server = serverOf(lease);
    this.say(`DHCPRELEASE of ${formatIp4(lease.address)} on ${this.dev.name} to ${formatIp4(server)} port 67`);
    const m = this.newMessage(DHCPRELEASE);
    m.ciaddr = lease.address;
    addDhcpOption32(m, OPT_SERVER_ID, server);
    this.addOptions(m, false);
    this.listen();
    this.unicast(m, server, 'dhclient.c:3124');
    this.close();
    await this.script('RELEASE', null, lease);
    const now = this.seconds;
    await this.proc.appendFile(this.o.leaseFile, leaseText({ ...lease, renew: now, rebind: now, expire: now }));
    return 0;
  }

  /** -x: what was set is taken away. It asks once more, and hears no answer. */
  private async stop(): Promise<number> {
    const { lease } = this;
    if (lease === null || lease.expire <= this.seconds) return 0;
    this.xid = this.proc.random.u32();
    this.firstS = this.seconds;
    this.ask(lease.address, null);
    await this.script('STOP', null, lease);
    return 0;
  }
}
