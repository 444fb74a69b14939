// What a family of generic netlink is made of. Linux: struct genl_family, struct genl_ops.

import type { AttrTable } from '../uapi/attr.ts';
import type { Dump } from './dump.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

export interface GenlOp {
  /** What a request may carry; null: it is not looked at. */
  readonly table: AttrTable<unknown> | null;
  /** Flags that nlctrl tells of it (GENL_*). */
  readonly caps: number;
  readonly doit?: (req: Request, tb: Tb) => void;
  readonly dump?: (req: Request, tb: Tb, out: Dump) => void;
}

export interface GenlFamily {
  readonly id: number;
  readonly name: string;
  readonly version: number;
  readonly maxattr: number;
  /** Commands from this one on refuse a header whose reserved field is not 0. */
  readonly reservedFrom: number;
  readonly ops: ReadonlyMap<number, GenlOp>;
  /** Multicast groups: name and id. */
  readonly groups: ReadonlyArray<readonly [name: string, id: number]>;
}
