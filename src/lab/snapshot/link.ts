// One link, from netlink to the words of a snapshot.

import type { Decoded } from '../../netlink/message.ts';
import { formatMac, linkFlagNames } from '../../uapi/format.ts';
import type { IfInfoMsg } from '../../uapi/ifla.ts';
import { ADDR_GEN_MODES, IFF_UP, type LinkAttrs, OPERSTATES } from '../../uapi/link.ts';
import { MACVLAN_FLAG_NODST, MACVLAN_FLAG_NOPROMISC, MACVLAN_MODES } from '../../uapi/linkinfo.ts';
import { portSettingsOf, settingsOf } from './settings.ts';
import type { SnapFeatures, SnapLink, SnapMacvlan, SnapStats } from './snapshot.ts';
import { deviceConf4, deviceConf6 } from './sysctls.ts';

/** What netlink does not tell of a link. */
export interface Beside {
  readonly driver: string;
  readonly wireless: boolean;
  readonly macRandom: boolean | null;
  readonly trafficClass: readonly string[];
  readonly features: SnapFeatures | null;
}

/** `linkNamespace` is filled in when all namespaces were seen. */
export function linkOf({ header, attrs: a }: Decoded<IfInfoMsg, LinkAttrs>, beside: Beside): SnapLink {
  const info = a.linkinfo ?? {};
  const kind = info.kind ?? '';
  const data = info.data;
  const inet6 = a.afSpec?.inet6;
  return {
    index: header.index,
    name: a.ifname ?? '',
    altnames: a.propList ?? [],
    kind,
    type: header.type,
    mac: macText(a.address),
    macRandom: beside.macRandom,
    broadcast: macText(a.broadcast),
    permanentMac: macText(a.permAddress),
    flags: linkFlagNames(header.flags),
    up: (header.flags & IFF_UP) !== 0,
    carrier: a.carrier === 1,
    operstate: OPERSTATES[a.operstate ?? 0] ?? String(a.operstate),
    mtu: a.mtu ?? 0,
    minMtu: a.minMtu ?? 0,
    maxMtu: a.maxMtu ?? 0,
    txqlen: a.txqlen ?? 0,
    qdisc: a.qdisc ?? '',
    group: a.group ?? 0,
    alias: a.ifalias ?? '',
    promiscuity: a.promiscuity ?? 0,
    allmulti: a.allmulti ?? 0,
    queues: { tx: a.numTxQueues ?? 0, rx: a.numRxQueues ?? 0, trafficClass: beside.trafficClass },
    link: a.link === undefined || a.link === 0 ? null : a.link,
    linkNsid: a.linkNetnsid ?? null,
    linkNamespace: null,
    master: a.master ?? null,
    bus: a.parentDevBusName ?? '',
    busDevice: a.parentDevName ?? '',
    driver: beside.driver,
    wireless: beside.wireless,
    macvlan: (kind === 'macvlan' || kind === 'macvtap') && data !== undefined ? macvlanOf(data) : null,
    vlan: kind === 'vlan' && data !== undefined ? vlanOf(data) : null,
    settings: settingsOf(kind, data),
    port: portSettingsOf(info.slaveKind ?? '', info.slaveData),
    addrGenMode: inet6?.addrGenMode === undefined ? null : (ADDR_GEN_MODES[inet6.addrGenMode] ?? null),
    ipv4: a.afSpec?.inet?.conf === undefined ? null : deviceConf4(a.afSpec.inet.conf),
    ipv6: inet6?.conf === undefined ? null : deviceConf6(inet6.conf),
    features: beside.features,
    stats: statsOf(a),
  };
}

type Data = NonNullable<NonNullable<LinkAttrs['linkinfo']>['data']>;

function macvlanOf(data: Data): SnapMacvlan {
  const flags = data.flags ?? 0;
  return {
    mode: MACVLAN_MODES.get(data.mode ?? 0) ?? String(data.mode),
    nopromisc: (flags & MACVLAN_FLAG_NOPROMISC) !== 0,
    nodst: (flags & MACVLAN_FLAG_NODST) !== 0,
    sources: (data.macaddrData ?? []).map(formatMac),
    bcQueueLen: data.bcQueueLen ?? null,
    bcQueueLenUsed: data.bcQueueLenUsed ?? null,
    bcCutoff: data.bcCutoff ?? 1,
  };
}

function vlanOf(data: Data): SnapLink['vlan'] {
  const protocol = data.protocol === 0x88a8 ? '802.1ad' : '802.1Q';
  return { id: data.id ?? 0, protocol, flags: data.vlanFlags?.flags ?? 0 };
}

function macText(mac: number | undefined): string | null {
  return mac === undefined ? null : formatMac(mac);
}

function statsOf(a: LinkAttrs): SnapStats {
  const s = a.stats64;
  return {
    rxPackets: s?.rxPackets ?? 0,
    txPackets: s?.txPackets ?? 0,
    rxBytes: s?.rxBytes ?? 0,
    txBytes: s?.txBytes ?? 0,
    rxErrors: s?.rxErrors ?? 0,
    txErrors: s?.txErrors ?? 0,
    rxDropped: s?.rxDropped ?? 0,
    txDropped: s?.txDropped ?? 0,
    multicast: s?.multicast ?? 0,
    rxNohandler: s?.rxNohandler ?? 0,
    rxOtherhostDropped: s?.rxOtherhostDropped ?? 0,
    carrierChanges: a.carrierChanges ?? 0,
  };
}
