// udhcpc: a DHCP client. What it is told its script sets (-s; the one that is there: scripts.ts).
// Linux tool: busybox 1.35, networking/udhcp/dhcpc.c.

import type { Socket } from '../../../lab/os.ts';
import { strerror } from '../../../uapi/errno.ts';
import { bytesOfMac, formatIp4, macOfBytes } from '../../../uapi/format.ts';
import {
  addDhcpOption,
  addDhcpOption32,
  BOOTREQUEST,
  DHCP_BROADCAST_FLAG,
  DHCP_CLIENT_PORT,
  DHCP_SERVER_PORT,
  DHCPACK,
  DHCPDECLINE,
  DHCPDISCOVER,
  DHCPNAK,
  DHCPOFFER,
  DHCPRELEASE,
  DHCPREQUEST,
  type DhcpMessage,
  decodeDhcp,
  dhcpOption32,
  dhcpType,
  encodeDhcp,
  newDhcp,
  OPT_CLIENT_ID,
  OPT_LEASE_TIME,
  OPT_MAX_SIZE,
  OPT_PARAM_REQ,
  OPT_REQUESTED_IP,
  OPT_SERVER_ID,
} from '../../../wire/dhcp.ts';
import { ETH_P_IP, MAC_BROADCAST } from '../../../wire/ethernet.ts';
import { IP4_BROADCAST } from '../../../wire/ip4.ts';
import type { Command, Proc, Signal } from '../../process.ts';
import { nobodyHas } from './arpping.ts';
import {
  type Device,
  deviceNamed,
  dhcpInPacket,
  listenOn,
  packetAddress,
  type SendResult,
  sendKernel,
  sendRaw,
} from './link.ts';
import { scriptVariables } from './scripts.ts';
import { type ClientOptions, parseClient, saidNothing, UdhcpExit, VERSION } from './udhcpc-options.ts';

/** Messages are filled up to the length of BOOTP's. */
export const LEAST_LENGTH = 300;
const MAX_SIZE = Uint8Array.of(576 >> 8, 576 & 0xff);
const DEFAULT_LEASE_S = 3600;
const SHORTEST_LEASE_S = 30;
const FOREVER_S = 0x7fffffff;
/** Select and renew messages before it gives up. */
const TRIES = 3;

type State = 'selecting' | 'requesting' | 'bound' | 'renewing' | 'rebinding' | 'renew-asked' | 'released';
type Listening = 'none' | 'kernel' | 'raw';
/** What a wait ended with. */
type Woken =
  | { what: 'time' }
  | { what: 'signal'; signal: Signal }
  | { what: 'message'; message: DhcpMessage | null }
  | { what: 'error'; errno: number };

export const udhcpc: Command = {
  name: 'udhcpc',
  summary: 'get an address by DHCP (busybox)',
  async run(proc) {
    try {
      const client = new Client(
        proc,
        parseClient(proc.argv, (text) => proc.err(text)),
      );
      return await client.start();
    } catch (e) {
      if (!(e instanceof UdhcpExit)) throw e;
      proc.err(e.text);
      return e.code;
    }
  },
};

class Client {
  private proc: Proc;
  private readonly o: ClientOptions;
  private dev: Device = { name: '', index: 0, mac: 0, up: false };
  private state: State = 'selecting';
  private listening: Listening = 'none';
  private socket: Socket | null = null;
  private quiet = false;
  private xid = 0;
  private server = 0;
  private requested: number;
  /** Messages sent in this state. */
  private sent = 0;
  private timeoutS = 0;
  private leaseS = 0;
  /** When this negotiation began, in seconds since boot; null: it has not. */
  private firstS: number | null = null;

  constructor(proc: Proc, o: ClientOptions) {
    this.proc = proc;
    this.o = o;
    this.requested = o.request;
  }

  async start(): Promise<number> {
    if (!this.findDevice()) return 1;
    await this.writePid();
    this.say(`started, v${VERSION}`);
    this.proc.handleSignals(['SIGUSR1', 'SIGUSR2', 'SIGTERM']);
    await this.script('deconfig', null);
    return this.loop();
  }

  private say(text: string): void {
    if (!this.quiet) this.proc.err(`udhcpc: ${text}\n`);
  }

  private get seconds(): number {
    return Math.floor(this.proc.os.nowNs() / 1e9);
  }

  private findDevice(): boolean {
    const dev = deviceNamed(this.proc, this.o.device);
    if (dev === null) this.say('SIOCGIFINDEX: No such device');
    else this.dev = dev;
    return dev !== null;
  }

  private async writePid(): Promise<void> {
    if (this.o.pidfile !== null) await this.proc.writeFile(this.o.pidfile, `${this.proc.pid}\n`);
  }

  private async script(event: string, message: DhcpMessage | null): Promise<void> {
    const path = this.o.script;
    if (this.proc.which(path) === null) return;
    await this.proc.exec([path, event], { env: scriptVariables(this.dev.name, message) });
  }

  /** Runs until it is told to end, or goes on as another process. Its exit code. */
  private async loop(): Promise<number> {
    try {
      for (;;) {
        const woken: Woken = this.timeoutS > 0 ? await this.wait() : { what: 'time' };
        const code = await this.step(woken);
        if (code !== null) return code;
      }
    } finally {
      this.listen('none');
    }
  }

  private async step(woken: Woken): Promise<number | null> {
    if (woken.what === 'time') return this.timeUp();
    if (woken.what === 'signal') return this.signalled(woken.signal);
    if (woken.what === 'message') return woken.message === null ? null : this.received(woken.message);
    this.say(`read error: ${strerror(woken.errno)}, reopening socket`);
    await this.pause(this.o.pauseS);
    this.listen(this.listening);
    return null;
  }

  private async wait(): Promise<Woken> {
    const { proc, socket } = this;
    const beforeS = this.seconds;
    const untilNs = proc.os.nowNs() + this.timeoutS * 1e9;
    let woken: Woken | null = null;
    while (woken === null) {
      const signal = proc.takeSignal();
      const errno = socket === null ? 0 : socket.takeError();
      const got = socket === null ? null : socket.recv();
      if (signal !== null) woken = { what: 'signal', signal };
      else if (errno !== 0) woken = { what: 'error', errno };
      else if (got !== null) {
        const message = this.listening === 'raw' ? dhcpInPacket(got.data, DHCP_CLIENT_PORT) : decodeDhcp(got.data);
        woken = { what: 'message', message };
      } else if (proc.os.nowNs() >= untilNs) woken = { what: 'time' };
      else await proc.waitReadable(socket === null ? [] : [socket], untilNs - proc.os.nowNs());
    }
    const passedS = this.seconds - beforeS;
    this.leaseS = Math.max(0, this.leaseS - passedS);
    this.timeoutS = woken.what === 'time' ? 0 : Math.max(0, this.timeoutS - passedS);
    return woken;
  }

  /** sleep(3): signals are dealt with afterwards. */
  private async pause(s: number): Promise<void> {
    await this.proc.sleep(s * 1e9);
  }

  private listen(how: Listening): void {
    this.socket?.close();
    this.socket = null;
    this.listening = how;
    if (how === 'none') return;
    const { proc, dev } = this;
    const socket =
      how === 'kernel'
        ? listenOn(proc, dev.index, DHCP_CLIENT_PORT)
        : proc.os.socket(proc.ns, 'packet-dgram', ETH_P_IP);
    if (typeof socket === 'number') throw new UdhcpExit(`udhcpc: socket: ${strerror(-socket)}\n`);
    if (how === 'raw') socket.bind(packetAddress(dev.index));
    this.socket = socket;
  }

  /** The time is up: sends again, or goes on to another state. */
  private async timeUp(): Promise<number | null> {
    if (!this.findDevice()) return this.end(0);
    switch (this.state) {
      case 'selecting':
        if (this.o.retries !== 0 && this.sent >= this.o.retries) return this.leaseFail();
        if (this.sent === 0) {
          this.listen('raw');
          this.xid = this.proc.random.u32();
        }
        this.sendDiscover();
        return this.again();
      case 'requesting':
        if (this.sent >= TRIES) {
          this.state = 'selecting';
          return this.leaseFail();
        }
        this.sendSelect();
        return this.again();
      case 'bound':
        this.state = 'renewing';
        this.firstS = null;
        this.listen('kernel');
        return this.renew();
      case 'renewing':
      case 'renew-asked':
        return this.renew();
      case 'rebinding':
        return this.rebind();
      case 'released':
        this.timeoutS = FOREVER_S;
        return null;
    }
  }

  private again(): null {
    this.timeoutS = this.o.pauseS;
    this.sent++;
    return null;
  }

  private renew(): Promise<number | null> | null {
    if (this.sent < TRIES && this.sendRenew(this.server) >= 0) return this.again();
    this.state = 'rebinding';
    this.listen('raw');
    this.sent = 0;
    return this.rebind();
  }

  private async rebind(): Promise<number | null> {
    if (this.leaseS > 0 && this.sent < TRIES) {
      this.sendRenew(0);
      return this.again();
    }
    this.listen('none');
    this.say('lease lost, entering init state');
    await this.script('deconfig', null);
    this.restart();
    return null;
  }

  /** Begins anew, at once. */
  private restart(): void {
    this.state = 'selecting';
    this.firstS = null;
    this.timeoutS = 0;
    this.sent = 0;
  }

  private async leaseFail(): Promise<number | null> {
    const { o } = this;
    this.listen('none');
    await this.script('leasefail', null);
    const background = o.background;
    if (background) {
      this.say('no lease, forking to background');
      o.exitWithout = false;
      o.background = false;
    } else if (o.exitWithout) {
      this.say('no lease, failing');
      return this.quitWith(1);
    }
    this.timeoutS = o.againS;
    this.sent = 0;
    return background ? this.fork() : null;
  }

  /** Goes on as another process. */
  private fork(): number {
    this.o.foreground = true;
    this.quiet = true;
    this.proc.detach(async (child) => {
      this.proc = child;
      child.handleSignals(['SIGUSR1', 'SIGUSR2', 'SIGTERM']);
      await this.writePid();
      return this.loop().catch(saidNothing);
    });
    return 0;
  }

  private async signalled(signal: Signal): Promise<number | null> {
    if (signal === 'SIGTERM') {
      this.say('received SIGTERM');
      return this.end(0);
    }
    if (signal === 'SIGUSR2') {
      await this.release();
      this.timeoutS = FOREVER_S;
      return null;
    }
    if (signal !== 'SIGUSR1') return null;
    this.firstS = null;
    if (this.state === 'bound' || this.state === 'renewing' || this.state === 'rebinding') {
      this.listen('kernel');
      this.state = 'renew-asked';
      return this.renew();
    }
    const again = this.state === 'renew-asked';
    this.listen('none');
    if (again) await this.script('deconfig', null);
    this.restart();
    return null;
  }

  private async received(m: DhcpMessage): Promise<number | null> {
    if (m.xid !== this.xid || m.hlen !== 6 || macOfBytes(m.chaddr) !== this.dev.mac) return null;
    const type = dhcpType(m);
    if (this.state === 'selecting') {
      if (type === DHCPOFFER) this.takeOffer(m);
      return null;
    }
    if (this.state === 'bound' || this.state === 'released') return null;
    if (type === DHCPACK) return this.takeAck(m);
    if (type === DHCPNAK && (this.server === 0 || dhcpOption32(m, OPT_SERVER_ID) === this.server))
      await this.takeNak(m);
    return null;
  }

  private takeOffer(m: DhcpMessage): void {
    const server = dhcpOption32(m, OPT_SERVER_ID);
    if (server === null) this.say('no server ID, using 0.0.0.0');
    this.server = server ?? 0;
    this.requested = m.yiaddr;
    this.state = 'requesting';
    this.timeoutS = 0;
    this.sent = 0;
  }

  private async takeAck(m: DhcpMessage): Promise<number | null> {
    const { o } = this;
    this.listen('none');
    const lease = dhcpOption32(m, OPT_LEASE_TIME);
    const told = lease ?? DEFAULT_LEASE_S;
    this.say(
      `lease of ${formatIp4(m.yiaddr)} obtained from ${formatIp4(this.server)}, lease time ${told}${lease === null ? ' (default)' : ''}`,
    );
    this.leaseS = Math.max(SHORTEST_LEASE_S, Math.min(FOREVER_S, told));
    this.requested = m.yiaddr;
    if (o.arpMs !== null && !(await nobodyHas(this.proc, this.dev, m.yiaddr, 0, -1, o.arpMs))) return this.decline(m);
    const beforeS = this.seconds;
    await this.script(this.state === 'requesting' ? 'bound' : 'renew', m);
    this.leaseS = Math.max(0, this.leaseS - (this.seconds - beforeS));
    if (o.quit) return this.end(0);
    o.exitWithout = false;
    this.timeoutS = Math.floor(this.leaseS / 2);
    this.state = 'bound';
    this.sent = 0;
    if (o.foreground) return null;
    o.background = false;
    return this.fork();
  }

  private async decline(m: DhcpMessage): Promise<null> {
    this.say('offered address is in use (got ARP reply), declining');
    const decline = this.newMessage(DHCPDECLINE, this.proc.random.u32());
    addDhcpOption32(decline, OPT_REQUESTED_IP, m.yiaddr);
    addDhcpOption32(decline, OPT_SERVER_ID, this.server);
    this.say('broadcasting decline');
    this.broadcast(decline, 0);
    if (this.state !== 'requesting') await this.script('deconfig', null);
    this.restart();
    this.requested = 0;
    this.timeoutS = this.o.againS;
    return null;
  }

  private async takeNak(m: DhcpMessage): Promise<void> {
    this.listen('none');
    this.say('received DHCP NAK');
    await this.script('nak', m);
    if (this.state !== 'requesting') await this.script('deconfig', null);
    await this.pause(3);
    this.restart();
    this.requested = 0;
  }

  private async release(): Promise<void> {
    this.listen('none');
    if (this.state !== 'selecting' && this.state !== 'requesting' && this.state !== 'released') {
      this.say(`unicasting a release of ${formatIp4(this.requested)} to ${formatIp4(this.server)}`);
      const m = this.newMessage(DHCPRELEASE, this.proc.random.u32());
      m.ciaddr = this.requested;
      addDhcpOption32(m, OPT_SERVER_ID, this.server);
      for (const option of this.sentOptions()) if (option.code === OPT_CLIENT_ID) m.options.push(option);
      this.say('sending release');
      this.sendTo(this.server, m, this.requested);
    }
    this.say('entering released state');
    await this.script('deconfig', null);
    this.state = 'released';
  }

  private async end(code: number): Promise<number> {
    if (this.o.release) await this.release();
    return this.quitWith(code);
  }

  private async quitWith(code: number): Promise<number> {
    if (this.o.pidfile !== null && (await this.proc.exists(this.o.pidfile))) {
      await this.proc.exec(['rm', '-f', this.o.pidfile]);
    }
    return code;
  }

  private newMessage(type: number, xid: number): DhcpMessage {
    const now = this.seconds;
    this.firstS ??= now;
    const m = newDhcp(BOOTREQUEST, type, xid, bytesOfMac(this.dev.mac));
    m.secs = Math.min(0xffff, now - this.firstS);
    return m;
  }

  /** What -x, -V and -F add, with the client identifier that the MAC address makes. */
  private sentOptions(): DhcpMessage['options'] {
    const own = { code: OPT_CLIENT_ID, data: Uint8Array.of(1, ...bytesOfMac(this.dev.mac)) };
    return this.o.sent.map((x) => (x.code === OPT_CLIENT_ID && this.o.clientId ? own : x));
  }

  private addOptions(m: DhcpMessage): void {
    const { o } = this;
    addDhcpOption(m, OPT_MAX_SIZE, MAX_SIZE);
    if (o.wanted.length > 0) addDhcpOption(m, OPT_PARAM_REQ, Uint8Array.from(o.wanted));
    if (o.broadcast && m.ciaddr === 0) m.flags |= DHCP_BROADCAST_FLAG;
    m.options.push(...this.sentOptions());
  }

  private sendDiscover(): void {
    const m = this.newMessage(DHCPDISCOVER, this.xid);
    if (this.requested !== 0) addDhcpOption32(m, OPT_REQUESTED_IP, this.requested);
    this.addOptions(m);
    this.say('broadcasting discover');
    this.broadcast(m, 0);
  }

  private sendSelect(): void {
    const m = this.newMessage(DHCPREQUEST, this.xid);
    addDhcpOption32(m, OPT_REQUESTED_IP, this.requested);
    addDhcpOption32(m, OPT_SERVER_ID, this.server);
    this.addOptions(m);
    this.say(`broadcasting select for ${formatIp4(this.requested)}, server ${formatIp4(this.server)}`);
    this.broadcast(m, 0);
  }

  private sendRenew(server: number): number {
    const m = this.newMessage(DHCPREQUEST, this.xid);
    m.ciaddr = this.requested;
    this.addOptions(m);
    this.say(server === 0 ? 'broadcasting renew' : `sending renew to server ${formatIp4(server)}`);
    return this.sendTo(server, m, this.requested);
  }

  /** `server` 0: to everybody. */
  private sendTo(server: number, m: DhcpMessage, from: number): number {
    if (server === 0) return this.broadcast(m, from);
    const ends = { src: from, sport: DHCP_CLIENT_PORT, dst: server, dport: DHCP_SERVER_PORT };
    return this.sentOr(sendKernel(this.proc, this.dev.index, encodeDhcp(m, LEAST_LENGTH), ends));
  }

  private broadcast(m: DhcpMessage, from: number): number {
    const ends = { src: from, sport: DHCP_CLIENT_PORT, dst: IP4_BROADCAST, dport: DHCP_SERVER_PORT };
    return this.sentOr(sendRaw(this.proc, this.dev.index, encodeDhcp(m, LEAST_LENGTH), ends, MAC_BROADCAST));
  }

  private sentOr({ rc, where }: SendResult): number {
    if (rc < 0) this.say(`${where}: ${strerror(-rc)}`);
    return rc;
  }
}
