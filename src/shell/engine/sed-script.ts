// A sed script as the interpreter's sed reads it: its addresses know basic expressions only, between slashes. Here those of
// `sed -E`, and those with another delimiter (`\,re,`), are said that way. Text only. POSIX sed; GNU's `I` and `M` stay.

const TO_END_OF_LINE = /[aicbtTrRwW:]/;

/** `extended`: the patterns of this script are extended ones. */
export function plainScript(text: string, extended: boolean): string {
  let out = '';
  let i = 0;
  const until = (end: number): void => {
    out += text.slice(i, end);
    i = end;
  };
  while (i < text.length) {
    const c = text[i];
    if (c === '/' || (c === '\\' && i + 1 < text.length)) {
      const mark = c === '/' ? '/' : text[i + 1];
      const from = c === '/' ? i + 1 : i + 2;
      const end = partEnd(text, from, mark);
      out += `/${address(text.slice(from, end), mark, extended)}/`;
      i = end + 1;
    } else if (c === 's' || c === 'y') {
      const mark = text[i + 1] ?? '';
      until(partEnd(text, partEnd(text, i + 2, mark) + 1, mark) + 1);
      while (i < text.length && /[gpIiMme0-9]/.test(text[i])) until(i + 1);
    } else if (TO_END_OF_LINE.test(c)) {
      const end = text.indexOf('\n', i);
      const last = /[btT:]/.test(c) ? text.indexOf(';', i) : -1;
      until(last >= 0 && (end < 0 || last < end) ? last : end < 0 ? text.length : end);
    } else until(i + 1);
  }
  return out;
}

/** Where the part that began at `from` ends: at the next mark that is neither escaped nor in brackets. */
function partEnd(text: string, from: number, mark: string): number {
  let i = from;
  while (i < text.length && text[i] !== mark) {
    if (text[i] === '\\') i += 2;
    else i = text[i] === '[' ? bracketEnd(text, i) : i + 1;
  }
  return Math.min(i, text.length);
}

function address(pattern: string, mark: string, extended: boolean): string {
  const slashed = mark === '/' ? pattern : pattern.replaceAll(`\\${mark}`, mark).replace(/(?<!\\)\//g, '\\/');
  return extended ? basic(slashed) : slashed;
}

/** An extended expression as a basic one: what stands for itself in one is escaped in the other. */
function basic(pattern: string): string {
  let out = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '[') {
      const end = bracketEnd(pattern, i);
      out += pattern.slice(i, end);
      i = end - 1;
    } else if (c === '\\') {
      const next = pattern[++i] ?? '';
      out += '(){}+?|'.includes(next) ? next : next === '<' || next === '>' ? '\\b' : `\\${next}`;
    } else if (c === '+') out += '\\{1,\\}';
    else if (c === '?') out += '\\{0,1\\}';
    // An anchor beside a bar or a bracket is one only in a group of its own.
    else if (c === '^' && i > 0 && '(|'.includes(pattern[i - 1])) out += '\\(^\\)';
    else if (c === '$' && i + 1 < pattern.length && ')|'.includes(pattern[i + 1])) out += '\\($\\)';
    else out += '(){}|'.includes(c) ? `\\${c}` : c;
  }
  return out;
}

/** Behind the `]` that closes it; where none does, behind the `[` alone. */
export function bracketEnd(text: string, at: number): number {
  let i = at + 1;
  if (text[i] === '^') i++;
  if (text[i] === ']') i++;
  while (i < text.length && text[i] !== ']') {
    const named = text[i] === '[' && /[.:=]/.test(text[i + 1] ?? '');
    const close = named ? text.indexOf(`${text[i + 1]}]`, i + 2) : -1;
    i = close < 0 ? i + 1 : close + 2;
  }
  return i < text.length ? i + 1 : at + 1;
}
