// ping over IPv6: what differs from IPv4. Linux tool: iputils 20221126, ping/ping6_common.c.

import type { Received, SockAddr, SockError, Socket } from '../../../lab/os.ts';
import { NlClient } from '../../../netlink/client.ts';
import { ADDR } from '../../../netlink/payload.ts';
import { strerror } from '../../../uapi/errno.ts';
import { formatIp } from '../../../uapi/format.ts';
import { RTM_GETADDR } from '../../../uapi/msgtype.ts';
import { icmpId } from '../../../wire/icmp.ts';
import { ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST } from '../../../wire/icmp6.ts';
import { IN6_ANY, IN6_LOOPBACK, In6 } from '../../../wire/in6.ts';
import { IPPROTO_ICMPV6 } from '../../../wire/ip6.ts';
import type { Proc } from '../../process.ts';
import type { Host } from '../hosts.ts';
import { icmp6ErrorText } from './icmp6-text.ts';
import { die, type PingOptions } from './options.ts';
import { rawSocket, Session } from './session.ts';

const PROBE_PORT = 1025;

/** The number of a device for -I; ends as the tool does. */
function ifaceIndex(proc: Proc, name: string): number {
  const index = proc.os.readFile(proc.ns, `/sys/class/net/${name}/ifindex`);
  return typeof index === 'number' || name === '' ? die(`unknown iface: ${name}`) : Number(index);
}

export class Session6 extends Session {
  protected override readonly mtuWord: string = 'mtu: ';
  private readonly written: In6;
  private readonly to: In6;
  private scope: number;
  private from: In6;

  constructor(proc: Proc, o: PingOptions, target: Host) {
    super(proc, o, target);
    this.written = target.ip6 ?? IN6_ANY;
    this.to = this.written.isAny ? IN6_LOOPBACK : this.written;
    this.scope = target.scope;
    this.from = o.source6 ?? IN6_ANY;
  }

  protected override async open(): Promise<Socket> {
    const { proc, o } = this;
    const device = o.device === null ? 0 : ifaceIndex(proc, o.device);
    const given = this.scope;
    if (device !== 0 && this.to.needsScope) this.scope = device;
    try {
      // The tool does not ask about addresses of one link: they have no source yet.
      if (o.source6 === null && !this.linkOnly) this.probe6(device);
      else if (o.source6 === null && device !== 0) this.warn();
    } finally {
      if (o.verbose) proc.out(`ai->ai_family: AF_INET6, ai->ai_canonname: '${this.hostname}'\n`);
    }
    const socket = rawSocket(proc, 'raw6', IPPROTO_ICMPV6);
    this.shownScope = given;
    return socket;
  }

  /** The scope that was written; -I does not show in the target's address. */
  private shownScope = 0;

  /** A connected UDP socket tells whether there is a way, and the source. */
  private probe6(device: number): void {
    const { proc, o } = this;
    const probe = proc.os.socket(proc.ns, 'udp6', 0);
    if (typeof probe === 'number') return die(`socket: ${strerror(-probe)}`);
    try {
      if (device !== 0) probe.setOption('SO_BINDTODEVICE', device);
      if (o.tos !== null) probe.setOption('IPV6_TCLASS', o.tos);
      if (o.mark !== null) probe.setOption('SO_MARK', o.mark);
      const rc = probe.connect({ ...this.destination(), port: PROBE_PORT });
      if (rc < 0) die(`connect: ${strerror(-rc)}`);
      this.from = probe.getName().addr6?.copy() ?? IN6_ANY;
    } finally {
      probe.close();
    }
    if (device !== 0 && !ownsAddress(proc, device, this.from)) this.warn();
  }

  private get linkOnly(): boolean {
    return this.to.isLinkLocal || this.to.mcScope === 2;
  }

  private warn(): void {
    this.proc.err(`ping: Warning: source address might be selected on device other than: ${this.o.device}\n`);
  }

  protected override configure(): void {
    const { o, socket, proc } = this;
    this.multicast = this.to.isMulticast;
    if (o.device !== null) socket.setOption('SO_BINDTODEVICE', ifaceIndex(proc, o.device));
    if (this.multicast && o.pmtudisc < 0) o.pmtudisc = 2;
    if (o.pmtudisc >= 0) this.must(socket.setOption('IPV6_MTU_DISCOVER', o.pmtudisc), 'IPV6_MTU_DISCOVER');
    if (o.strictSource) {
      const scope = this.from.needsScope ? this.scope : 0;
      this.must(socket.bind(endpoint(this.from, scope)), 'bind icmp socket');
    }
    socket.setOption('IPV6_RECVERR', 1);
    for (let word = 0; word < 8; word++) {
      const heard = ICMPV6_ECHO_REPLY >>> 5 === word ? 1 << (ICMPV6_ECHO_REPLY & 31) : 0;
      socket.setOption('ICMP6_FILTER', ~heard >>> 0, word);
    }
    if (o.noLoop) this.must(socket.setOption('IPV6_MULTICAST_LOOP', 0), "can't disable multicast loopback");
    if (o.ttl !== null) {
      this.must(socket.setOption('IPV6_MULTICAST_HOPS', o.ttl), "can't set multicast hop limit");
      this.must(socket.setOption('IPV6_UNICAST_HOPS', o.ttl), "can't set unicast hop limit");
    }
    if (o.tos !== null) socket.setOption('IPV6_TCLASS', o.tos);
    if (o.mark !== null) socket.setOption('SO_MARK', o.mark);
    socket.setOption('SO_SNDBUF', o.sndbuf ?? o.size + 8 + (((o.size + 8 + 511) / 512) | 0) * 260);
    socket.setOption('SO_RCVBUF', Math.max(65536, (o.size + 8) * o.preload));
  }

  protected override banner(): void {
    const { o, proc } = this;
    proc.out(`PING ${this.hostname}(${this.shown(this.written, this.shownScope)}) `);
    if (o.device !== null || o.strictSource) proc.out(`from ${this.text(this.from, 0)} ${o.device ?? ''}: `);
    proc.out(`${o.size} data bytes\n`);
  }

  protected override destination(): SockAddr {
    return endpoint(this.to, this.scope);
  }

  protected override request(): Uint8Array {
    return super.request(ICMPV6_ECHO_REQUEST as 8);
  }

  protected override reply(m: Received): void {
    const b = m.data;
    if (b.length < 8 || b[0] !== ICMPV6_ECHO_REPLY || icmpId(b, 0) !== this.ident) return;
    this.echoReply(m, b, 0, false);
  }

  protected override isMine(e: SockError): boolean {
    return e.origin === 3 && e.data.length >= 8 && e.data[0] === ICMPV6_ECHO_REQUEST;
  }

  protected override offender(e: SockError): string {
    return this.shown(e.offender6 ?? IN6_ANY, e.offenderScope ?? 0);
  }

  protected override errorText(e: SockError): string {
    return icmp6ErrorText(e.type, e.code, e.info);
  }

  protected override sender(m: Received): string {
    return this.shown(m.from.addr6 ?? IN6_ANY, m.from.ifindex);
  }

  protected override isStranger(m: Received): boolean {
    return !(m.from.addr6?.equals(this.to) ?? false);
  }

  /** With the name that was asked for. */
  private shown(a: In6, scope: number): string {
    const text = this.text(a, scope);
    return this.named && a.equals(this.to) ? `${this.hostname} (${text})` : text;
  }

  /** As getnameinfo(3) writes it: addresses of one link with the link. */
  private text(a: In6, scope: number): string {
    if (scope === 0 || !a.needsScope) return a.toString();
    const names = this.proc.os.listDir(this.proc.ns, '/sys/class/net');
    for (const name of typeof names === 'number' ? [] : names) {
      if (Number(this.proc.os.readFile(this.proc.ns, `/sys/class/net/${name}/ifindex`)) === scope)
        return `${a}%${name}`;
    }
    return `${a}%${scope}`;
  }
}

function endpoint(addr6: In6, ifindex: number): SockAddr {
  return { addr4: 0, port: 0, ifindex, protocol: 0, mac: 0, addr6: new In6().set(addr6) };
}

function ownsAddress(proc: Proc, index: number, addr: In6): boolean {
  const client = new NlClient(proc.os.netlink(proc.ns, 0));
  try {
    const dump = client.dump(ADDR, RTM_GETADDR, { family: 10 }, {});
    const wanted = addr.toString();
    return dump.messages.some((m) => {
      const own = m.attrs.local ?? m.attrs.address;
      return m.header.index === index && own !== undefined && formatIp(own) === wanted;
    });
  } finally {
    client.close();
  }
}
