// Does what a finding's fix says, over netlink and packet sockets, and nothing else. What fails halfway is taken back. Devices
// are found by the numbers of the snapshot, and looked at again first: what is another by now is left alone.

import type { NlClient, Request } from '../../netlink/client.ts';
import { NlError } from '../../netlink/error.ts';
import { ADDR, LINK, QDISC, ROUTE } from '../../netlink/payload.ts';
import { IFA_F_NODAD } from '../../uapi/addr.ts';
import { parseIp, parseMac } from '../../uapi/format.ts';
import { AF_INET, AF_INET6, IFF_UP } from '../../uapi/link.ts';
import { MACVLAN_MODE_BRIDGE } from '../../uapi/linkinfo.ts';
import {
  RTM_DELLINK,
  RTM_DELROUTE,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWQDISC,
  RTM_NEWROUTE,
} from '../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/netlink.ts';
import { TC_H_ROOT } from '../../uapi/qdisc.ts';
import { RT_SCOPE_LINK, RT_SCOPE_UNIVERSE, RT_TABLE_MAIN, RTN_UNICAST, RTPROT_STATIC } from '../../uapi/route.ts';
import { Access, HOST, type Place } from '../apply/access.ts';
import { groupOf, tagOf } from '../apply/names.ts';
import type { NetnsRef } from '../file/lab.ts';
import type { MeasureKernel } from '../measure/kernel.ts';
import type { SnapshotKernel } from '../snapshot/kernel.ts';
import type { SnapNamespace, Snapshot } from '../snapshot/snapshot.ts';
import { SHIM_LAB } from './acts.ts';
import { announcement } from './announce.ts';
import type { Fix, FixAct, ShimRoute } from './finding.ts';

export type DoctorKernel = SnapshotKernel & MeasureKernel;

/** Until frames that were sent are heard. */
const SETTLE_NS = 100e6;

/** Throws what went wrong: NlError where the kernel refused. */
export async function carryOut(kernel: DoctorKernel, snapshot: Snapshot, fix: Fix): Promise<void> {
  const access = new Access(kernel);
  try {
    for (const act of fix.acts) {
      const ns = snapshot.namespaces.find((n) => n.id === act.ns);
      if (ns === undefined) throw new Error(`the snapshot has no namespace ${act.ns}`);
      await perform(kernel, access, placeOf(access, ns), act);
    }
  } finally {
    access.close();
  }
}

function placeOf(access: Access, ns: SnapNamespace): Place {
  const place = access.find(refOf(ns));
  if (place === null || place.ns.inode !== ns.id) throw new Error(`the namespace ${ns.id} is gone`);
  return place;
}

function refOf(ns: SnapNamespace): NetnsRef {
  if (ns.host) return HOST;
  if (ns.names.length > 0) return { kind: 'name', name: ns.names[0] };
  if (ns.paths.length > 0) return { kind: 'path', path: ns.paths[0] };
  if (ns.holders.length > 0) return { kind: 'pid', pid: ns.holders[0].pid };
  throw new Error(`nothing leads to the namespace ${ns.id}`);
}

async function perform(kernel: DoctorKernel, access: Access, place: Place, act: FixAct): Promise<void> {
  switch (act.do) {
    case 'shim':
      return makeShim(place, act);
    case 'qdisc':
      return setQdisc(place.client, act.dev, act.kinds);
    case 'announce':
      return announce(kernel, place, act);
    case 'link-del':
      return removeLink(place.client, act.dev, act.name);
    case 'netns-del': {
      const rc = access.unname(act.name);
      if (rc < 0) throw new NlError(-rc, act.name);
    }
  }
}

function makeShim({ client }: Place, act: FixAct & { do: 'shim' }): void {
  if (act.create !== null) {
    const made = {
      ifname: act.name,
      link: act.lower,
      address: parseMac(act.create.mac) ?? 0,
      group: groupOf(SHIM_LAB),
      linkinfo: { kind: 'macvlan', data: { mode: MACVLAN_MODE_BRIDGE } as never },
    };
    client.request(LINK, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, {}, made);
  }
  const undo: Request<unknown, unknown>[] = [];
  try {
    const { header, attrs } = client.get(LINK, RTM_GETLINK, {}, { ifname: act.name });
    if (attrs.link !== act.lower) throw new Error(`${act.name} is on another device by now`);
    if (act.create !== null) {
      const up = { index: header.index, flags: IFF_UP, change: IFF_UP };
      client.request(LINK, RTM_NEWLINK, 0, up, { ifalias: tagOf(SHIM_LAB, `shim/${act.name}`) });
    }
    addSources(client, header.index, act.routes);
    for (const route of act.routes) {
      const asked = routeRequest(header.index, route);
      client.request(asked.form, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, asked.header, asked.attrs);
      undo.push({ ...asked, type: RTM_DELROUTE });
    }
  } catch (error) {
    if (act.create !== null) client.tryRequest(LINK, RTM_DELLINK, 0, {}, { ifname: act.name });
    else for (const request of undo) client.batch([request]);
    throw error;
  }
}

/** IPv6 answers only for addresses of the device that was asked. */
function addSources(client: NlClient, index: number, routes: readonly ShimRoute[]): void {
  const sources = new Set(routes.flatMap(({ to, src }) => (to.includes(':') && src !== null ? [src] : [])));
  for (const source of sources) {
    const local = parseIp(source) ?? undefined;
    const header = { family: AF_INET6, prefixlen: 128, index };
    const attrs = { local, address: local, flags: IFA_F_NODAD };
    const refusal = client.tryRequest(ADDR, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, header, attrs);
    if (refusal !== null && refusal.code !== 'EEXIST') throw refusal;
  }
}

function routeRequest(oif: number, { to, src }: ShimRoute) {
  const four = !to.includes(':');
  const header = {
    family: four ? AF_INET : AF_INET6,
    dstLen: four ? 32 : 128,
    table: RT_TABLE_MAIN,
    protocol: RTPROT_STATIC,
    scope: four ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
    type: RTN_UNICAST,
  };
  const prefsrc = src === null ? {} : { prefsrc: parseIp(src) ?? undefined };
  return { form: ROUTE, header, attrs: { dst: parseIp(to) ?? undefined, oif, ...prefsrc } };
}

/** The first kind that this kernel has. */
function setQdisc(client: NlClient, ifindex: number, kinds: readonly string[]): void {
  let refusal: NlError | null = null;
  for (const kind of kinds) {
    const header = { ifindex, parent: TC_H_ROOT };
    refusal = client.tryRequest(QDISC, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, header, { kind });
    if (refusal === null) return;
    if (refusal.code !== 'ENOENT' && refusal.code !== 'EOPNOTSUPP') break; // no kind of that name
  }
  if (refusal !== null) throw refusal;
}

async function announce(kernel: DoctorKernel, { ns }: Place, act: FixAct & { do: 'announce' }): Promise<void> {
  const socket = kernel.socket(ns, 'packet', 0);
  if (typeof socket === 'number') throw new NlError(-socket, 'a packet socket');
  try {
    const to = { addr4: 0, port: 0, ifindex: act.dev, protocol: 0, mac: 0 };
    for (const address of act.addresses) {
      const rc = socket.sendTo(announcement(act.mac, address), to);
      if (rc < 0) throw new NlError(-rc, `announcing ${address}`);
    }
  } finally {
    socket.close();
  }
  await kernel.pause(SETTLE_NS);
}

function removeLink(client: NlClient, index: number, name: string): void {
  const { attrs } = client.get(LINK, RTM_GETLINK, { index }, {});
  if (attrs.ifname !== name || (attrs.ifalias ?? '') !== '') throw new Error(`${name} is another by now`);
  client.request(LINK, RTM_DELLINK, 0, { index }, {});
}
