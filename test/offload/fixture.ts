// The fixture NIC of test/offload/oracle/l2fwd.c, in the model: two back-to-back ports with the module's parameters, log and
// state under the same paths, and otool's probes. So the guest's scripts run here unchanged, and both arms are compared.

import { Stream } from '../../src/base/random.ts';
import { createNic, portOf } from '../../src/drivers/nic/nic.ts';
import { genericOffload, type OffloadProfile } from '../../src/drivers/nic/offload-profiles.ts';
import { findProfile } from '../../src/drivers/nic/profiles.ts';
import type { Quirks } from '../../src/drivers/nic/stations.ts';
import type { Model } from '../../src/lab/model.ts';
import type { NsRef, Os } from '../../src/lab/os.ts';
import { F_HIGHDMA, F_L2FW_DOFFLOAD } from '../../src/net/features.ts';
import { IFF_ALLMULTI, IFF_PROMISC } from '../../src/net/flags.ts';
import type { NetDevice } from '../../src/net/netdev.ts';
import type { OffloadCall } from '../../src/net/offload.ts';
import { sbChannel } from '../../src/net/sb-channel.ts';
import type { Skb } from '../../src/net/skb.ts';
import type { Command, Proc } from '../../src/shell/process.ts';
import { Cable } from '../../src/sim/cable.ts';
import { formatMac } from '../../src/uapi/format.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const MODES: Record<number, string> = { 1: 'private', 2: 'vepa', 4: 'bridge', 8: 'passthru', 16: 'source' };
const PARAMETERS: Record<string, number> = {
  ports: 2,
  nq: 16,
  nstations: 4,
  qps: 2,
  pfq: 4,
  numtc: 1,
  chan0: 1,
  selq: 0,
  ring: 256,
  rate_kbps: 0,
  bql: 1,
  ring_on_vdev: 0,
  off_policy: 0,
  mc_replicate: 0,
  uc_max: 8,
  dfwd_err: 0,
  fail_release: 0,
  chkmode: 1,
};
const SYS = '/sys/module/l2fwd/parameters/';
const DEBUG = '/sys/kernel/debug/l2fwd/';

export class Fixture {
  readonly model: Model;
  readonly params = { ...PARAMETERS };
  private ports: NetDevice[] = [];
  private cable: Cable<Skb> | null = null;
  private log: string[] = [];
  /** Frames by source address and txq, as they were handed to the driver. */
  private readonly sources = new Map<NetDevice, Map<string, Map<number, number>>>();
  private offload: Mutable<OffloadProfile> = { ...genericOffload };
  private quirks: Mutable<Quirks> = {};

  constructor(model: Model) {
    this.model = model;
    model.kernel.cpus = 2; // as the guest has
    model.kernel.trace.offload = (dev, call) => this.note(dev, call);
  }

  /** insmod l2fwd.ko NAME=VALUE ... */
  insert(words: readonly string[]): number {
    if (this.ports.length > 0) return 1;
    Object.assign(this.params, PARAMETERS);
    for (const word of words) {
      const [name, value] = word.split('=');
      this.params[name] = Number(value);
    }
    const p = this.params;
    const { kernel } = this.model;
    this.offload = { ...genericOffload, partition: { kind: 'fixed', stations: p.nstations, queues: p.qps } };
    this.quirks = { txqs: p.nq, selectsQueue: p.selq === 1 };
    this.sync();
    // As l2_setup() leaves it: the core's features alone.
    const profile = {
      ...(findProfile('generic') as NonNullable<ReturnType<typeof findProfile>>),
      features: F_HIGHDMA,
      hwFeatures: F_L2FW_DOFFLOAD,
      vlanFeatures: 0n,
      hwEncFeatures: 0n,
      maxMtu: 9000,
      descNeeded: 4,
    };
    for (const i of [0, 1]) {
      const dev = createNic(this.model.os.initNs, {
        name: `port${i}`,
        profile,
        mac: 0x024c32000000 + i,
        queues: p.pfq,
        ring: p.ring + 3,
        speedBps: 10e9,
        mtu: null,
        busInfo: null,
        unicastFilters: p.uc_max,
        timing: { txNs: 0, irqNs: 0, irqSpreadNs: 0 },
        offload: this.offload,
        bql: p.bql === 1,
        quirks: this.quirks,
      });
      this.watch(dev);
      this.ports.push(dev);
    }
    this.cable = new Cable<Skb>(kernel.loop, new Stream(1, 'l2fwd'), {
      rateBps: p.rate_kbps * 1000,
      delayNs: 0,
      lossNum: 0,
      lossDen: 1,
    });
    portOf(this.ports[0]).plug(this.cable.a);
    portOf(this.ports[1]).plug(this.cable.b);
    this.log = [];
    return 0;
  }

  /** Parameters that the module reads when it needs them. */
  private sync(): void {
    const p = this.params;
    this.offload.testsModes = p.chkmode === 1;
    this.offload.ringOnUpper = p.ring_on_vdev === 1;
    this.offload.whenOff = (['release', 'drop', 'ignore'] as const)[p.off_policy];
    this.offload.replicates = p.mc_replicate === 1;
    this.quirks.channelZero = p.chan0 === 0;
    this.quirks.noTcMap = p.numtc === 0;
    for (const dev of this.ports) {
      const { stations, filter } = portOf(dev);
      (filter as unknown as { unicastMax: number }).unicastMax = p.uc_max;
      filter.changed();
      if (stations !== null) {
        stations.fault = p.dfwd_err > 0 ? { errno: p.dfwd_err, releases: p.fail_release === 1 } : null;
      }
      if (portOf(dev).tx[0].count !== p.ring + 3) portOf(dev).resize(p.ring + 3, 512);
    }
    const { cable } = this;
    if (cable === null) return;
    const open = cable as unknown as { rateBps: number; lastBytes: number };
    open.rateBps = p.rate_kbps * 1000;
    open.lastBytes = 0;
  }

  /** rmmod l2fwd */
  remove(): number {
    if (this.ports.length === 0) return 1;
    for (const dev of this.ports) {
      dev.core.unregisterMany([dev]);
      this.sources.delete(dev);
    }
    this.ports = [];
    this.cable = null;
    return 0;
  }

  /** taskset MASK COMMAND ...: what it sends, it sends from that CPU of the guest's two. */
  private async pinned(proc: Proc): Promise<number> {
    const { kernel } = this.model;
    kernel.cpu = Math.log2(Number(proc.argv[0]));
    const rc = await proc.exec(proc.argv.slice(1), { stdin: proc.stdin });
    kernel.cpu = 0;
    return rc;
  }

  private watch(dev: NetDevice): void {
    const { open, stop, setRxMode, startXmit, setMac } = dev;
    const counts = new Map<string, Map<number, number>>();
    this.sources.set(dev, counts);
    dev.open = (d) => {
      this.log.push(`${d.name} ndo_open`);
      return open?.(d) ?? 0;
    };
    dev.stop = (d) => {
      this.log.push(`${d.name} ndo_stop`);
      stop?.(d);
      d.core.kernel.linkWatch.carrierOn(d); // the module never takes it away
    };
    dev.setRxMode = (d) => {
      const flags = `${d.flags & IFF_PROMISC ? ' PROMISC' : ''}${d.flags & IFF_ALLMULTI ? ' ALLMULTI' : ''}`;
      const over = d.uc.size > this.params.uc_max ? ' UC-OVERFLOW' : '';
      this.log.push(`${d.name} ndo_set_rx_mode(uc ${d.uc.size} mc ${d.mc.size}${flags}${over})`);
      setRxMode?.(d);
    };
    dev.setMac = (d, mac) => {
      this.log.push(`${d.name} ndo_set_mac_address(${formatMac(mac)})`);
      return setMac?.(d, mac) ?? 0;
    };
    dev.startXmit = (skb, d) => {
      const b = skb.bytes;
      const src = [...b.subarray(skb.off + 6, skb.off + 12)].map((x) => x.toString(16).padStart(2, '0')).join(':');
      const q = skb.queue;
      const rc = startXmit(skb, d);
      if (rc === 0) {
        const of = counts.get(src) ?? new Map<number, number>();
        of.set(q, (of.get(q) ?? 0) + 1);
        counts.set(src, of);
      }
      return rc;
    };
  }

  private note(dev: NetDevice, call: OffloadCall): void {
    this.log.push(`${dev.name} ${callText(call)}`);
  }

  private reset(): void {
    this.log = [];
    for (const counts of this.sources.values()) counts.clear();
    for (const dev of this.ports) {
      const port = portOf(dev);
      for (const vsi of [port.own, ...(port.stations?.fabric.all ?? [])]) {
        vsi.rxPackets = 0;
        vsi.loopPackets = 0;
      }
    }
  }

  private state(): string {
    let out = '';
    for (const dev of this.ports) {
      const port = portOf(dev);
      const s = dev.describeOffload?.(dev);
      if (s === undefined) continue;
      const on = s.enabled ? 'on' : 'off';
      const mode = s.hwmode === 'veb' ? 'VEB' : 'VEPA';
      out += `${dev.name}: l2fw ${on} hwmode ${mode} up ${port.running ? 1 : 0} promisc ${dev.flags & IFF_PROMISC ? 1 : 0} num_tc ${dev.numTc} rx_pf ${port.own.rxPackets} rx_filtered 0 loop_pf ${port.own.loopPackets}\n`;
      for (const st of s.stations) {
        const m = st.upper.priv as { mode: number };
        const held = (st.upper.l2fw?.accelPriv as { upper: NetDevice } | null)?.upper === st.upper;
        const range = st.upper.tcToTxq[0] ?? { count: 0, offset: 0 };
        out += `${dev.name}:  station ${st.id} vdev ${st.upper.name} filter ${formatMac(st.filter)} dev_addr ${formatMac(st.upper.addr)} mode ${MODES[m.mode]} accel_priv ${held ? 'ok' : 'OTHER'} bound ${st.bound ? 1 : 0} channel ${sbChannel(st.upper)} tc0 ${range.count}@${range.offset} rx ${st.rxPackets} loop_rx ${st.loopPackets}\n`;
      }
      for (const e of dev.uc.entries.values()) out += `${dev.name}:  uc ${formatMac(e.mac)} refs ${e.refcount}\n`;
      for (const [q, ring] of port.tx.entries()) {
        if (ring.packets === 0 && ring.busy === 0) continue;
        out += `${dev.name}:  txq ${q} sb_dev ${dev.txq[q].sbDev?.name ?? '-'} sent ${ring.packets} busy ${ring.busy} state_on ${ring.txq.dev.name}\n`;
      }
      for (const [src, queues] of this.sources.get(dev) ?? []) {
        const cells = [...queues].sort((a, b) => a[0] - b[0]).map(([q, n]) => ` q${q}=${n}`);
        out += `${dev.name}:  src ${src}${cells.join('')}\n`;
      }
    }
    return out;
  }

  /** The model's system calls, with the module's files on top. */
  get os(): Os {
    const { os } = this.model;
    const inside = (path: string, dir: string): string | null => (path.startsWith(dir) ? path.slice(dir.length) : null);
    return Object.assign(Object.create(os) as Os, {
      readFile: (ns: NsRef, path: string) => {
        const name = inside(path, SYS);
        if (name !== null && name in this.params) return `${this.params[name]}\n`;
        const file = inside(path, DEBUG);
        if (file === 'log') return this.log.map((line) => `${line}\n`).join('');
        if (file === 'state') return this.state();
        if (file === 'reset') return '';
        return os.readFile(ns, path);
      },
      writeFile: (ns: NsRef, path: string, text: string) => {
        const name = inside(path, SYS);
        if (name !== null && name in this.params) {
          this.params[name] = Number(text.trim());
          this.sync();
          return 0;
        }
        if (inside(path, DEBUG) === 'reset') {
          this.reset();
          return 0;
        }
        return os.writeFile(ns, path, text);
      },
      listDir: (ns: NsRef, path: string) => {
        const dir = path.endsWith('/') ? path : `${path}/`;
        if (dir === SYS) return Object.keys(this.params);
        if (dir === DEBUG) return ['log', 'state', 'reset'];
        const list = os.listDir(ns, path);
        const parts = [SYS, DEBUG].filter((p) => p.startsWith(dir)).map((p) => p.slice(dir.length).split('/')[0]);
        return typeof list === 'number' ? (parts.length > 0 ? parts : list) : [...new Set([...list, ...parts])];
      },
    });
  }

  /** insmod, rmmod and what the guest's busybox has beside. */
  get commands(): Command[] {
    const tool = (name: string, run: (proc: Proc) => Promise<number> | number): Command => ({
      name,
      summary: 'of the fixture',
      run: async (proc) => run(proc),
    });
    return [
      tool('insmod', ({ argv }) => (argv[0].endsWith('/l2fwd.ko') ? this.insert(argv.slice(1)) : 0)),
      tool('rmmod', () => this.remove()),
      tool('taskset', (proc) => this.pinned(proc)),
    ];
  }
}

/** A call as the module logs it. */
function callText(call: OffloadCall): string {
  switch (call.op) {
    case 'add-station': {
      const mode = MODES[(call.upper.priv as { mode: number }).mode];
      const who = `ndo_dfwd_add_station(${call.upper.name} mode ${mode} mac ${formatMac(call.upper.addr)})`;
      if (call.rc < 0) return `${who} = ${call.rc}`;
      return `${who} station ${call.station}; set_sb_channel(${call.channel}) = ${call.channelRc}`;
    }
    case 'bind': {
      const { count, offset } = call.queues;
      const where = `${call.upper.name}, tc 0, count ${count}, offset ${offset}`;
      return `  bind_sb_channel_queue(${where}) = ${call.rc}, filter ${formatMac(call.filter)}`;
    }
    case 'del-station':
      return `ndo_dfwd_del_station(${call.upper.name} station ${call.station} filter ${formatMac(call.filter)})`;
    case 'release':
      return `  macvlan_release_l2fw_offload(${call.upper.name}) = 0`;
    case 'set-features':
      return `ndo_set_features(l2-fwd-offload ${call.on ? 'on' : 'off'})`;
    default:
      return `ndo_bridge_setlink(hwmode ${call.mode === 0 ? 'VEB' : 'VEPA'})`;
  }
}
