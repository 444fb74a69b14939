// What a lab's objects are called on a machine: the tag that says whose they are, and what is derived from names so that
// the same lab comes to the same numbers everywhere. Hashes are FNV-1a of 32 bits over UTF-8.

import { utf8Encode } from '../../base/utf8.ts';

/** What an object carries in IFLA_IFALIAS: `lowerdev:LAB:OBJECT`, OBJECT as `endpoint/blue`. */
export function tagOf(lab: string, object: string): string {
  return `lowerdev:${lab}:${object}`;
}

/** The object that a tag of this lab names, or null for another's. */
export function objectOf(lab: string, alias: string): string | null {
  const head = `lowerdev:${lab}:`;
  return alias.startsWith(head) ? alias.slice(head.length) : null;
}

/** The lab whose tag it is, or null for what is no tag. */
export function labOf(alias: string): string | null {
  return /^lowerdev:([^:]+):/.exec(alias)?.[1] ?? null;
}

/**
 * The group that a lab's links are born in. The tag is set by a second request; a process that is killed between the two
 * leaves a link without a tag, and this says whose it is. Never 0, the group of everybody.
 */
export function groupOf(lab: string): number {
  return ((fnv1a(`lowerdev:${lab}`) >>> 2) | 0x4000_0000) >>> 0;
}

/** The group in which links of a lab are that are about to go. */
export function goingGroupOf(group: number): number {
  return (group | 0x8000_0000) >>> 0;
}

/** 02:xx:xx:xx:xx:xx, locally administered: the hash of `LAB/OBJECT` and one byte of that of `LAB/OBJECT#`. */
export function stableMac(lab: string, object: string): number {
  const text = `${lab}/${object}`;
  return 0x02_00_00_00_00_00 + fnv1a(text) * 0x100 + (fnv1a(`${text}#`) & 0xff);
}

function fnv1a(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of utf8Encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}
