// The words in which netlink's formats are written down: kinds of values, attribute tables, fixed structs. Data only;
// netlink/attrs.ts reads and writes by it. One line per attribute, the same line for the client, the model and docs.
// Linux: include/net/netlink.h (struct nla_policy), but a line here says how to read a value, not only its length.

/** How one attribute's payload is to be read. The functions below make them; nobody else does. */
export interface Kind<T> {
  readonly code: KindCode;
  /** Payload bytes: `size` for kinds of one length, else -1. */
  readonly size: number;
  /** Whether a longer payload is no value of this kind. Numbers and structs are read from a longer one, as in Linux. */
  readonly exact: boolean;
  /** Nests: whether the kernel sets NLA_F_NESTED when it emits this one (nla_nest_start or _noflag). */
  readonly flagged: boolean;
  readonly table: AnyTable | null;
  readonly struct: AnyStruct | null;
  readonly item: Kind<unknown> | null;
  /** `listOf`: the type of each element. `arrayOf`: the type of the first. */
  readonly itemType: number;
  /** `byKind`: the sibling attribute that names the kind. */
  readonly sibling: string;
  readonly kinds: ReadonlyMap<string, Kind<unknown>> | null;
  /** Never set: carries T for the type checker. */
  readonly sample?: T;
}

export type KindCode =
  | 'u8' | 'u16' | 'u32' | 'u64' | 's8' | 's32' | 'be16' | 'be32' | 'uint' | 'flag' | 'string' | 'bytes'
  | 'mac' | 'ip4' | 'ip6' | 'ip' | 'u32s' | 's32s' | 'u64s' | 'nest' | 'list' | 'array' | 'byKind' | 'struct' | 'headed' | 'headedList'; // biome-ignore format: one look

/** An attribute that a table does not name, or whose length does not fit its kind. Kept, and written back in place. */
export interface UnknownAttr {
  readonly type: number;
  readonly bytes: Uint8Array;
  /** NLA_F_NESTED and NLA_F_NET_BYTEORDER, when they were set. */
  readonly bits?: number;
  /** Its place among its siblings, counted from 0; without it, it is written last. */
  readonly index?: number;
}

/** What every decoded record may carry besides the attributes that its table names. */
export interface WithUnknown {
  unknown?: UnknownAttr[];
}

/** What the kernel refuses before it looks further. Linux: struct nla_policy, lib/nlattr.c validate_nla(). */
export interface Policy {
  /** Longest payload (NLA_BINARY), or longest text without its NUL (NLA_STRING). */
  readonly max?: number;
  /** Shortest payload, in place of the kind's own. */
  readonly min?: number;
  /** NLA_REJECT: user space may never send it. A text replaces the usual words. */
  readonly reject?: boolean | string;
  /** NLA_POLICY_RANGE and friends: least and greatest number. */
  readonly range?: readonly [number, number];
  /** NLA_POLICY_MASK: the bits that may be set. */
  readonly mask?: number;
  /** NLA_NUL_STRING instead of NLA_STRING: the NUL must be there. */
  readonly nul?: boolean;
}

/** One attribute: its number, its kind, and what the kernel refuses about it. */
export type AttrLine<T> = readonly [type: number, kind: Kind<T>, policy?: Policy];

export interface AttrTable<R> {
  /** The kernel's prefix, e.g. 'IFLA_MACVLAN'. */
  readonly prefix: string;
  readonly lines: readonly AnyLine[];
  /** Room for the codec that netlink/attrs.ts makes of the table once. */
  compiled: unknown;
  /** What no line names is skipped when it is read, not kept. */
  readonly partial: boolean;
  readonly sample?: R;
}

export interface AnyLine {
  readonly key: string;
  readonly type: number;
  readonly kind: Kind<unknown>;
  readonly policy: Policy;
}

export type AnyTable = AttrTable<unknown>;
export type AnyStruct = StructDef<unknown>;

const NO_POLICY: Policy = {};

/** A table of attributes. Keys are the kernel's names in camelCase: IFLA_BR_AGEING_TIME is `ageingTime`. */
export function attrs<R>(
  prefix: string,
  lines: { readonly [K in keyof R]: AttrLine<R[K]> },
): AttrTable<Partial<R> & WithUnknown> {
  const out: AnyLine[] = [];
  for (const key of Object.keys(lines) as (keyof R & string)[]) {
    const [type, kind, policy] = lines[key];
    out.push({ key, type, kind, policy: policy ?? NO_POLICY });
  }
  return { prefix, lines: out, partial: false, compiled: null };
}

/** Some lines of a table, for who reads many messages and wants little of each: what else is in them is skipped. */
export function only<R, K extends keyof R & string>(table: AttrTable<R>, ...keys: K[]): AttrTable<Pick<R, K>> {
  const lines = table.lines.filter((line) => (keys as string[]).includes(line.key));
  return { prefix: table.prefix, lines, partial: true, compiled: null };
}

function kind<T>(code: KindCode, size: number, more: Partial<Kind<T>> = {}): Kind<T> {
  return {
    code,
    size,
    exact: code === 'mac' || code === 'ip4' || code === 'ip6' || code === 'flag',
    flagged: more.flagged ?? false,
    table: more.table ?? null,
    struct: more.struct ?? null,
    item: more.item ?? null,
    itemType: more.itemType ?? 0,
    sibling: more.sibling ?? '',
    kinds: more.kinds ?? null,
  };
}

// Numbers in the machine's byte order (always little-endian here), unless the name says be.
export const u8: Kind<number> = kind('u8', 1);
export const u16: Kind<number> = kind('u16', 2);
export const u32: Kind<number> = kind('u32', 4);
export const s8: Kind<number> = kind('s8', 1);
export const s32: Kind<number> = kind('s32', 4);
export const be16: Kind<number> = kind('be16', 2);
export const be32: Kind<number> = kind('be32', 4);
/** A plain number; a value of 2^53 or more does not fit and is kept as unknown bytes. */
export const u64: Kind<number> = kind('u64', 8);
/** NLA_UINT: four bytes when the value fits, else eight. */
export const uint: Kind<number> = kind('uint', -1);
/** There or not: decodes to true; false is not written. */
export const flag: Kind<boolean> = kind('flag', 0);
/** Text, written with a NUL after it. */
export const string: Kind<string> = kind('string', -1);
export const bytes: Kind<Uint8Array> = kind('bytes', -1);
/** A 48-bit number (MacKey). Other lengths than 6 are kept as unknown bytes. */
export const mac: Kind<number> = kind('mac', 6);
/** A 32-bit number in host order, from network bytes. */
export const ip4: Kind<number> = kind('ip4', 4);
export const ip6: Kind<Uint8Array> = kind('ip6', 16);
/** Either family: IPv4 as a number, IPv6 as 16 bytes. */
export const ip: Kind<IpAddr> = kind('ip', -1);
/** A bare array of u32 without attribute headers (IFLA_INET_CONF). */
export const u32s: Kind<number[]> = kind('u32s', -1);
export const s32s: Kind<number[]> = kind('s32s', -1);
export const u64s: Kind<number[]> = kind('u64s', -1);

export type IpAddr = number | Uint8Array;

/** Nested attributes, with NLA_F_NESTED set (nla_nest_start). */
export function nested<R>(table: AttrTable<R>): Kind<R> {
  return kind('nest', -1, { flagged: true, table });
}

/** Nested attributes as older interfaces emit them (nla_nest_start_noflag). */
export function nestedNoflag<R>(table: AttrTable<R>): Kind<R> {
  return kind('nest', -1, { table });
}

/** A nest that repeats one attribute type: alternative names, bits of a bitset, source addresses. */
export function listOf<T>(itemType: number, item: Kind<T>, flagged = true): Kind<T[]> {
  return kind('list', -1, { item, itemType, flagged });
}

/** A nest whose types count up from `first`; what each holds is of one kind. */
export function arrayOf<T>(first: number, item: Kind<T>, flagged = true): Kind<T[]> {
  return kind('array', -1, { item, itemType: first, flagged });
}

/** What a sibling names (IFLA_INFO_DATA by IFLA_INFO_KIND). A name that the map does not know: kept as unknown bytes. */
export function byKind<R>(sibling: string, kinds: ReadonlyMap<string, Kind<unknown>>): Kind<R> {
  return kind('byKind', -1, { sibling, kinds });
}

/** A fixed struct. What a newer kernel appended to it is cut off; a shorter one is kept as unknown bytes. */
export function structOf<R>(struct: StructDef<R>): Kind<R> {
  return kind('struct', struct.size, { struct });
}

/** A fixed struct with attributes after it (VETH_INFO_PEER). */
export function headed<H, R>(struct: StructDef<H>, table: AttrTable<R>): Kind<Headed<H, R>> {
  return kind('headed', -1, { struct, table });
}

/** Several of these in a row, each beginning with its own length (RTA_MULTIPATH). The codec sees to `len`. */
export function headedList<H, R>(struct: StructDef<H>, table: AttrTable<R>): Kind<Headed<Partial<H>, R>[]> {
  return kind('headedList', -1, { struct, table });
}

export interface Headed<H, R> {
  header: H;
  attrs: R;
}

/** A field of a fixed struct: any kind of a fixed number or address, `rawField(n)` for u8[n], `pad(n)` for a hole. */
export interface Field<T> {
  readonly code: KindCode | 'raw' | 'pad';
  readonly size: number;
  readonly sample?: T;
}

export const rawField = (size: number): Field<Uint8Array> => ({ code: 'raw', size });

/** A hole of n bytes: not read, written as zero. */
export const pad = (size: number): Field<undefined> => ({ code: 'pad', size });

export interface StructDef<R> {
  readonly name: string;
  readonly size: number;
  readonly fields: readonly StructField[];
  readonly sample?: R;
}

export interface StructField {
  readonly key: string;
  readonly at: number;
  readonly code: Field<unknown>['code'];
  readonly size: number;
}

type Fields<R> = { readonly [K in keyof R]: Field<R[K]> };

/** A fixed struct. Holes are written out as fields named `pad...`: nothing is aligned behind your back. */
export function struct<R>(name: string, fields: Fields<R>): StructDef<R> {
  const out: StructField[] = [];
  let at = 0;
  for (const key of Object.keys(fields) as (keyof R & string)[]) {
    const field = fields[key];
    out.push({ key, at, code: field.code, size: field.size });
    at += field.size;
  }
  return { name, size: at, fields: out };
}
