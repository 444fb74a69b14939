// What links of a snapshot are set to: names, settings of their kinds, masters, sysctls, features; and bringing them up.

import { sysctlRead, sysctlWrite } from '../../inet/sysctl.ts';
import { IFF_ALLMULTI, IFF_MULTICAST, IFF_NOARP, IFF_PROMISC, IFF_UP } from '../../net/flags.ts';
import { LINK } from '../../netlink/payload.ts';
import { formatMac, parseMac } from '../../uapi/format.ts';
import { ADDR_GEN_MODES } from '../../uapi/link.ts';
import { RTM_GETLINK, RTM_NEWLINK, RTM_NEWLINKPROP } from '../../uapi/msgtype.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../../uapi/netlink.ts';
import { bitsOf, realTxQueues } from './load-nic.ts';
import { portSettingsData, portSettingsOf, settingsData, settingsOf } from './settings.ts';
import { findLink, type SnapLink, type SnapNamespace, type SnapSettings } from './snapshot.ts';
import { refusalText, type World } from './world.ts';

const GEN_NONE = 1;
const CHANGEABLE = [
  [IFF_UP, 'UP'],
  [IFF_PROMISC, 'PROMISC'],
  [IFF_ALLMULTI, 'ALLMULTI'],
  [IFF_NOARP, 'NOARP'],
  [IFF_MULTICAST, 'MULTICAST'],
] as const;
/** Settings of a bond that name its ports: one when it has them, the other when one of them has a link. */
const PRIMARY = ['primary'];
const ACTIVE = ['activeSlave'];

type Each = (world: World, ns: SnapNamespace, link: SnapLink) => void;

function each(world: World, what: Each): void {
  for (const ns of world.snapshot.namespaces) {
    for (const link of ns.links) if (world.device(ns, link) !== null) what(world, ns, link);
  }
}

/** Before anything is up. */
export function setUpLinks(world: World): void {
  each(world, setNames);
  each(world, setQueues);
  each(world, sayVlans);
  each(world, (w, ns, link) =>
    setKind(
      w,
      ns,
      link,
      Object.keys(link.settings).filter((k) => ![...PRIMARY, ...ACTIVE].includes(k)),
    ),
  );
  for (const ns of world.snapshot.namespaces) setSysctls(world, ns);
  each(world, setDeviceSysctls);
  each(world, (w, ns, link) => setGenMode(w, ns, link, GEN_NONE));
  each(world, setFeatures);
  each(world, setMaster);
  each(world, setBridgeAddress);
  each(world, (w, ns, link) => setKind(w, ns, link, PRIMARY));
}

/** When links are known. */
export function chooseActive(world: World): void {
  each(world, (w, ns, link) => setKind(w, ns, link, ACTIVE));
}

/** Lower ones first, and again while there is progress: what stands on a device that is down may have to wait. */
export function bringUp(world: World): void {
  let waiting = world.snapshot.namespaces.flatMap((ns) =>
    ns.links.filter((link) => world.device(ns, link) !== null).map((link) => ({ ns, link, why: '' })),
  );
  for (;;) {
    const later = waiting.flatMap(({ ns, link }) => {
      const why = setFlags(world, ns, link);
      return why === null ? [] : { ns, link, why };
    });
    if (later.length === waiting.length || later.length === 0) {
      for (const { ns, link, why } of later)
        world.note(ns, `${link.name}: it is up, and the model could not bring it up: ${why}`);
      break;
    }
    waiting = later;
  }
  each(world, setCarrier);
}

/** When addresses were made: from now on the kernel would make its own as it did. */
export function restoreGenMode(world: World): void {
  each(world, (w, ns, link) =>
    setGenMode(w, ns, link, (ADDR_GEN_MODES as readonly (string | null)[]).indexOf(link.addrGenMode)),
  );
}

function change(world: World, ns: SnapNamespace, link: SnapLink, attrs: object): string | null {
  const refusal = world.ask(world.at(ns.id), LINK, RTM_NEWLINK, 0, { index: link.index }, attrs);
  return refusal === null ? null : refusalText(refusal);
}

const setNames: Each = (world, ns, link) => {
  if (link.alias !== '') change(world, ns, link, { ifalias: link.alias });
  if (link.name === 'lo' && link.kind === '')
    change(world, ns, link, { mtu: link.mtu, txqlen: link.txqlen, group: link.group });
  else if (link.kind === '') change(world, ns, link, { txqlen: link.txqlen, group: link.group });
  if (link.altnames.length === 0) return;
  const flags = NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND;
  world.ask(world.at(ns.id), LINK, RTM_NEWLINKPROP, flags, { index: link.index }, { propList: [...link.altnames] });
};

/** Which VLANs a bridge's ports take is not in a snapshot. */
const sayVlans: Each = (world, ns, link) => {
  if (link.settings.vlanFiltering !== 1) return;
  world.note(
    ns,
    `${link.name}: it filters VLANs, and which of them its ports take is not in a snapshot: here each takes those it is born with`,
  );
};

/** How many queues are in use: those that have a class. */
const setQueues: Each = (world, ns, link) => {
  const real = realTxQueues(link);
  const dev = world.device(ns, link);
  if (dev !== null && real !== null && dev.linkOps?.newlink !== undefined) dev.realNumTxQueues = real;
};

function currentOf(world: World, ns: SnapNamespace, link: SnapLink) {
  return world.client(world.at(ns.id)).get(LINK, RTM_GETLINK, { index: link.index }, {}).attrs.linkinfo ?? {};
}

/** One setting at a time, and only what differs: a bond tells options that its mode does not take. */
function setKind(world: World, ns: SnapNamespace, link: SnapLink, keys: readonly string[]): void {
  if (!keys.some((key) => link.settings[key] !== undefined)) return;
  const info = currentOf(world, ns, link);
  if (info.kind !== link.kind) return;
  const now = settingsOf(link.kind, info.data);
  const wanted = settingsData(link.kind, link.settings);
  for (const key of differing(keys, now, link.settings)) {
    const why = change(world, ns, link, { linkinfo: { kind: link.kind, data: { [key]: wanted[key] } } });
    if (why !== null) world.note(ns, `${link.name}: ${link.kind} setting ${key} stays as it is by default: ${why}`);
  }
}

function differing(keys: readonly string[], now: SnapSettings, wanted: SnapSettings): string[] {
  return keys.filter((key) => wanted[key] !== undefined && JSON.stringify(now[key]) !== JSON.stringify(wanted[key]));
}

const setMaster: Each = (world, ns, link) => {
  if (link.master === null) return;
  const why = change(world, ns, link, { master: link.master });
  const master = findLink(ns, link.master);
  if (why !== null)
    world.note(ns, `${link.name}: it is a port of ${master?.name ?? link.master}, and could not be made one: ${why}`);
  if (why !== null || master === null) return;
  const info = currentOf(world, ns, link);
  const now = portSettingsOf(info.slaveKind ?? '', info.slaveData);
  const wanted = portSettingsData(master.kind, link.port);
  for (const key of differing(Object.keys(link.port), now, link.port)) {
    if (key === 'state') continue; // comes by itself
    const data = { slaveKind: master.kind, slaveData: { [key]: wanted[key] } };
    const refused = change(world, ns, link, { linkinfo: data });
    if (refused !== null) world.note(ns, `${link.name}: port setting ${key} stays as it is by default: ${refused}`);
  }
};

/** A bridge has its lowest port's address, unless somebody gave it one. */
const setBridgeAddress: Each = (world, ns, link) => {
  if (link.kind !== 'bridge' || link.mac === null || world.device(ns, link)?.addr === parseMac(link.mac)) return;
  change(world, ns, link, { address: parseMac(link.mac) });
};

/** `path`: under /proc/sys. Not through the files of /proc, which are listed to be found. */
function write(world: World, ns: SnapNamespace, path: string, value: string): void {
  const net = world.at(ns.id);
  const now = sysctlRead(net, path);
  if (typeof now === 'string' && now.trim() === value) return;
  if (typeof now === 'string' && sysctlWrite(net, path, value) === 0) return;
  world.note(ns, `the model does not have ${path.replaceAll('/', '.')} = ${value}`);
}

/** `all` before the devices: some of its settings set those of every device. */
function setSysctls(world: World, ns: SnapNamespace): void {
  for (const [name, value] of Object.entries(ns.sysctls)) write(world, ns, name.replaceAll('.', '/'), value);
}

const setDeviceSysctls: Each = (world, ns, link) => {
  for (const [family, conf] of [
    ['ipv4', link.ipv4],
    ['ipv6', link.ipv6],
  ] as const) {
    const base = `net/${family}/conf/${link.name}`;
    for (const [name, value] of Object.entries(conf ?? {})) write(world, ns, `${base}/${name}`, String(value));
  }
};

function setGenMode(world: World, ns: SnapNamespace, link: SnapLink, mode: number): void {
  if (link.addrGenMode === null || mode < 0) return;
  change(world, ns, link, { afSpec: { inet6: { addrGenMode: mode } } });
}

const setFeatures: Each = (world, ns, link) => {
  const dev = world.device(ns, link);
  if (dev === null || link.features === null || dev.linkOps?.newlink === undefined) return;
  const on = bitsOf(link.features.on);
  const changeable = bitsOf(link.features.changeable) & dev.hwFeatures;
  if (((dev.features ^ on) & changeable) === 0n) return;
  dev.wantedFeatures = (dev.wantedFeatures & ~changeable) | (on & changeable);
  dev.core.updateFeatures(dev);
};

function setFlags(world: World, ns: SnapNamespace, link: SnapLink): string | null {
  const dev = world.device(ns, link);
  if (dev === null) return null;
  let [flags, mask] = [0, 0];
  for (const [bit, name] of CHANGEABLE) {
    if (((dev.flags & bit) !== 0) === link.flags.includes(name)) continue;
    mask |= bit;
    if (link.flags.includes(name)) flags |= bit;
  }
  if (mask === 0) return null;
  const refusal = world.ask(world.at(ns.id), LINK, RTM_NEWLINK, 0, { index: link.index, flags, change: mask }, {});
  return refusal === null ? null : refusalText(refusal);
}

/** A device without link, where that does not follow from what is below. */
const setCarrier: Each = (world, ns, link) => {
  const dev = world.device(ns, link);
  if (dev === null || !link.up || dev.carrier === link.carrier || dev.changeCarrier === null) return;
  dev.changeCarrier(dev, link.carrier);
};

/** A device that does not have the link that it had. */
export function sayCarriers(world: World): void {
  each(world, (w, ns, link) => {
    const dev = w.device(ns, link);
    if (dev !== null && link.up && dev.carrier !== link.carrier) {
      w.note(
        ns,
        `${link.name}: ${link.carrier ? 'it has carrier, and not in the model' : 'no carrier, and in the model it has'}`,
      );
    }
    if (dev !== null && link.mac !== null && formatMac(dev.addr) !== link.mac) {
      w.note(ns, `${link.name}: its address is ${link.mac}, in the model ${formatMac(dev.addr)}`);
    }
  });
}
