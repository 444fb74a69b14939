// Names for numbers of scopes, tables, protocols, kinds of routes and DS fields: what /etc/iproute2 and the tool itself
// say. iproute2: lib/rt_names.c, ip/rtm_map.c.

import { wordTable } from '../../../base/word-table.ts';
import { RT_SCOPE_NAMES, RT_TABLE_NAMES, RTN_NAMES, RTPROT_NAMES } from '../../../uapi/route.ts';
import { parseNumber } from './args.ts';

/** /etc/iproute2/rt_dsfield. */
const DSFIELDS: ReadonlyMap<number, string> = new Map([
  [0x00, 'default'],
  [0x28, 'AF11'],
  [0x30, 'AF12'],
  [0x38, 'AF13'],
  [0x48, 'AF21'],
  [0x50, 'AF22'],
  [0x58, 'AF23'],
  [0x68, 'AF31'],
  [0x70, 'AF32'],
  [0x78, 'AF33'],
  [0x88, 'AF41'],
  [0x90, 'AF42'],
  [0x98, 'AF43'],
  [0x20, 'CS1'],
  [0x40, 'CS2'],
  [0x60, 'CS3'],
  [0x80, 'CS4'],
  [0xa0, 'CS5'],
  [0xc0, 'CS6'],
  [0xe0, 'CS7'],
  [0xb8, 'EF'],
]);

/** /etc/iproute2/rt_protos has one more than the kernel's headers. */
const PROTOS: ReadonlyMap<number, string> = new Map([...RTPROT_NAMES, [99, 'openr']]);

/** /etc/iproute2/rt_realms. */
const REALMS: ReadonlyMap<number, string> = new Map([[0, 'cosmos']]);

/** A kind of name: its table, the greatest number, and how a number without a name is printed. */
export interface NameKind {
  readonly names: ReadonlyMap<number, string>;
  readonly max: number;
  readonly hex?: boolean;
}

export const SCOPES: NameKind = { names: RT_SCOPE_NAMES, max: 255 };
export const TABLES: NameKind = { names: RT_TABLE_NAMES, max: 0xffffffff };
export const PROTOCOLS: NameKind = { names: PROTOS, max: 255 };
export const DSFIELD: NameKind = { names: DSFIELDS, max: 255, hex: true };
export const REALM: NameKind = { names: REALMS, max: 0xffff };

/** The name of a number, or the number. `numeric`: -N was given. */
export function nameOf(kind: NameKind, value: number, numeric = false): string {
  const name = numeric ? undefined : kind.names.get(value);
  if (name !== undefined) return name;
  return kind.hex === true ? `0x${value.toString(16).padStart(2, '0')}` : String(value);
}

/** The number of a name or of a number in base 0 (DS fields: 16); null when it is neither. */
export function numberOf(kind: NameKind, text: string): number | null {
  for (const [value, name] of kind.names) if (name === text) return value;
  if (kind.hex === true) {
    if (!/^(0[xX])?[0-9a-fA-F]+$/.test(text)) return null;
    const n = Number.parseInt(text, 16);
    return n <= kind.max ? n : null;
  }
  return parseNumber(text, kind.max);
}

/** Kinds of routes that may be typed. */
const TYPES: ReadonlyMap<string, number> = new Map(RTN_NAMES.map((name, i) => [name === 'none' ? '' : name, i]));

export function routeTypeName(type: number): string {
  return RTN_NAMES[type] ?? String(type);
}

/** rtnl_rtntype_a2n(): null when it is none. */
export function routeType(text: string): number | null {
  const named = TYPES.get(text);
  if (named !== undefined && text !== '') return named;
  return parseNumber(text, 255);
}

const ADDRESS_FAMILIES = wordTable<number>({ inet: 2, inet6: 10, link: 17, mpls: 28, bridge: 7 });

/** Address families by name, as `via FAMILY` and `-family` take them. 0: none of them. */
export function familyOf(text: string): number {
  return ADDRESS_FAMILIES[text] ?? 0;
}

export function familyName(family: number): string {
  return { 2: 'inet', 10: 'inet6', 17: 'link', 28: 'mpls', 7: 'bridge' }[family] ?? '???';
}
