// UTF-8 by hand: rooms below the shell know neither TextEncoder nor Buffer. Lone surrogates and bad bytes become U+FFFD,
// but for utf8Exact(), which does not decode what would not come back as it was.

export function utf8Encode(text: string): Uint8Array {
  const out: number[] = [];
  for (const ch of text) {
    let c = ch.codePointAt(0) ?? 0xfffd;
    if (c >= 0xd800 && c < 0xe000) c = 0xfffd;
    if (c < 0x80) out.push(c);
    else if (c < 0x800) out.push(0xc0 | (c >> 6), 0x80 | (c & 63));
    else if (c < 0x10000) out.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
    else out.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
  }
  return Uint8Array.from(out);
}

export function utf8Decode(b: Uint8Array): string {
  let s = '';
  for (let i = 0; i < b.length; ) {
    const lead = b[i++];
    const more =
      lead < 0x80
        ? 0
        : lead >= 0xf0 && lead < 0xf5
          ? 3
          : lead >= 0xe0 && lead < 0xf0
            ? 2
            : lead >= 0xc2 && lead < 0xe0
              ? 1
              : -1;
    if (more < 0) {
      s += '\ufffd';
      continue;
    }
    let c = more === 0 ? lead : lead & (0x3f >> more);
    let n = 0;
    while (n < more && i < b.length && (b[i] & 0xc0) === 0x80) {
      c = (c << 6) | (b[i++] & 63);
      n++;
    }
    const bad =
      n < more ||
      (c >= 0xd800 && c < 0xe000) ||
      c > 0x10ffff ||
      (more === 2 && c < 0x800) ||
      (more === 3 && c < 0x10000);
    s += bad ? '\ufffd' : String.fromCodePoint(c);
  }
  return s;
}

/** bytes[at, end) as text, or null when the text would encode to other bytes (a name may be any bytes). */
export function utf8Exact(bytes: Uint8Array, at: number, end: number): string | null {
  let text = '';
  for (let i = at; i < end; i++) {
    if (bytes[i] >= 0x80) return exactSlow(bytes.subarray(at, end));
    text += String.fromCharCode(bytes[i]);
  }
  return text;
}

function exactSlow(bytes: Uint8Array): string | null {
  const text = utf8Decode(bytes);
  const again = utf8Encode(text);
  return again.length === bytes.length && again.every((byte, i) => byte === bytes[i]) ? text : null;
}
