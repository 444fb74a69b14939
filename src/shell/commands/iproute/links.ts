// Names and indexes of links, asked of the kernel once and remembered. iproute2: lib/ll_map.c.

import type { NlClient } from '../../../netlink/client.ts';
import { NlError } from '../../../netlink/error.ts';
import { LINK } from '../../../netlink/payload.ts';
import type { LinkAttrs } from '../../../uapi/link.ts';
import { RTM_GETLINK } from '../../../uapi/msgtype.ts';
import { noDevice } from './errors.ts';

export interface LinkEntry {
  name: string;
  flags: number;
  /** Index of the link below, or 0. */
  link: number;
  type: number;
  txqlen: number;
}

export class Links {
  private readonly client: NlClient;
  private readonly byIndex = new Map<number, LinkEntry>();

  constructor(client: NlClient) {
    this.client = client;
  }

  /** Keeps what a message said, but of a link that is known the name that it had first. iproute2: ll_entry_update(). */
  remember(index: number, entry: LinkEntry): void {
    this.byIndex.set(index, { ...entry, name: this.byIndex.get(index)?.name ?? entry.name });
  }

  forget(index: number): void {
    this.byIndex.delete(index);
  }

  entry(index: number): LinkEntry | null {
    const known = this.byIndex.get(index);
    if (known !== undefined) return known;
    return this.ask({ index }, {});
  }

  /** ll_index_to_name(): `if7` when there is none. */
  name(index: number): string {
    if (index === 0) return '*';
    return this.entry(index)?.name ?? `if${index}`;
  }

  /** ll_name_to_index(): 0 when there is none. Alternative names count. */
  index(name: string): number {
    for (const [index, e] of this.byIndex) if (e.name === name) return index;
    try {
      const msg = this.client.get(
        LINK,
        RTM_GETLINK,
        {},
        (name.length < 16 ? { ifname: name } : { altIfname: name }) as LinkAttrs,
      );
      this.byIndex.set(msg.header.index, entryOf(msg));
      return msg.header.index;
    } catch (e) {
      if (!(e instanceof NlError)) throw e;
    }
    const alt = name.length < 16 ? this.ask({}, { altIfname: name }) : null;
    if (alt !== null) for (const [index, e] of this.byIndex) if (e === alt) return index;
    return /^if[0-9]+$/.test(name) ? Number(name.slice(2)) : 0;
  }

  /** The index, or the tool ends with "Cannot find device". */
  need(name: string): number {
    const index = this.index(name);
    if (index === 0) noDevice(name);
    return index;
  }

  /** Asks the kernel, whatever is remembered; null when there is no such link. */
  ask(header: { index?: number }, attrs: LinkAttrs): LinkEntry | null {
    try {
      const msg = this.client.get(LINK, RTM_GETLINK, header, attrs);
      const entry = entryOf(msg);
      this.byIndex.set(msg.header.index, entry);
      return entry;
    } catch (e) {
      if (e instanceof NlError) return null;
      throw e;
    }
  }
}

export function entryOf(msg: { header: { flags: number; type: number }; attrs: LinkAttrs }): LinkEntry {
  return {
    name: msg.attrs.ifname ?? '',
    flags: msg.header.flags,
    link: msg.attrs.link ?? 0,
    type: msg.header.type,
    txqlen: msg.attrs.txqlen ?? 0,
  };
}
