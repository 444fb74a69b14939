// What a dump of RTM_GETLINK says, as records: the model's dumps after every operation, both kernels' at the end.

import { decodeMessage, messages } from '../../src/netlink/message.ts';
import { LINK } from '../../src/netlink/payload.ts';
import { formatMac } from '../../src/uapi/format.ts';
import { RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import type { Run } from './lab.ts';
import { COUNTER_ORDER, type LinkRecord, linkLine, OURS, operstate } from './text.ts';

/** One line for each link. Most links are as they were: `known` remembers what their bytes meant. */
export function linkLines(space: string, datagrams: Uint8Array[], known: Map<string, string>): string[] {
  const out: string[] = [];
  const all = datagrams.flatMap((d) => [...messages(d)].filter((m) => m.type === RTM_NEWLINK));
  const numbers = all.map((m) => m.view.getUint32(m.at + 4, true)).join();
  for (const m of all) {
    const key = `${space} ${numbers} ${latin1.decode(m.bytes.subarray(m.at, m.end))}`;
    const line = known.get(key) ?? linkLine(recordOf(space, decodeMessage(LINK, m), numbers.split(',')));
    known.set(key, line);
    out.push(line);
  }
  return out;
}

const latin1 = new TextDecoder('latin1');

type Decoded = Pick<ReturnType<typeof decoded>[number], 'header' | 'attrs'>;

function recordOf(space: string, { header, attrs }: Decoded, numbers: string[]): LinkRecord {
  const elsewhere = attrs.linkNetnsid !== undefined && attrs.link !== header.index;
  return {
    space,
    name: attrs.ifname ?? '?',
    flags: header.flags,
    operstate: attrs.operstate ?? 0,
    vague: elsewhere && numbers.includes(String(attrs.link)),
    mtu: attrs.mtu ?? 0,
    mac: attrs.address ?? 0,
    link: attrs.link ?? 0,
    master: attrs.master ?? 0,
    promiscuity: attrs.promiscuity ?? 0,
    allmulti: attrs.allmulti ?? 0,
    counters: COUNTER_ORDER.map((key) => attrs.stats64?.[key] ?? 0),
  };
}

/** By `ns/dev`: every attribute. */
export function attributesOf(space: string, datagrams: Uint8Array[]): Run['links'] {
  const out: Run['links'] = {};
  const all = decoded(datagrams);
  const numbers = all.map(({ header }) => String(header.index));
  for (const { header, attrs } of all) {
    const madeUp = attrs.address !== undefined && !formatMac(attrs.address).startsWith(OURS);
    out[`${space}/${attrs.ifname}`] = {
      index: header.index,
      type: header.type,
      ...attrs,
      ...(madeUp ? { address: 0 } : {}),
      operstate: operstate(recordOf(space, { header, attrs }, numbers)),
    };
  }
  return out;
}

function decoded(datagrams: Uint8Array[]) {
  return datagrams.flatMap((d) =>
    [...messages(d)].filter((m) => m.type === RTM_NEWLINK).map((m) => decodeMessage(LINK, m)),
  );
}
