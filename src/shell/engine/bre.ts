// GNU's extensions of basic regular expressions, said as the interpreter's grep and sed understand them: `\+`, `\?`, `\<`,
// and `$` before and `^` behind `\|`, which are anchors there. Arguments only; what they mean is the tool's business. regex(7).

import { bracketEnd, plainScript } from './sed-script.ts';

/** A pattern, or a sed script with patterns in it. */
export function plainBre(text: string): string {
  const counted = text.includes('\\('); // one more group would count in back references
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const two = text.slice(i, i + 2);
    if (text[i] === '[') {
      const end = bracketEnd(text, i);
      out += text.slice(i, end);
      i = end - 1;
    } else if (two === '\\+' || two === '\\?') {
      out += two === '\\+' ? '\\{1,\\}' : '\\{0,1\\}';
      i++;
    } else if (!counted && text.startsWith('\\|^', i)) {
      out += '\\|\\(^\\)';
      i += 2;
    } else if (two === '\\<' || two === '\\>') {
      out += '\\b';
      i++;
    } else if (text[i] === '\\') {
      out += two;
      i++;
    } else if (!counted && text.startsWith('$\\|', i)) out += '\\($\\)';
    else out += text[i];
  }
  return out;
}

/** With -E and its kin the pattern is no basic one. */
const OTHER = new Map([
  ['grep', /^(-[a-zA-Z]*[EFP]|--extended-regexp|--fixed-strings|--perl-regexp)/],
  ['sed', /^(-[a-zA-Z]*[Er]|--regexp-extended)/],
]);

/** The arguments of grep or sed with their patterns said plainly. */
export function plainPatterns(name: string, args: readonly string[]): string[] {
  const basic = !args.some((arg) => OTHER.get(name)?.test(arg));
  const plain = name === 'grep' ? onePattern(args, basic ? '\\|' : '|') : [...args];
  if (!basic && name === 'grep') return plain;
  let explicit = plain.some((arg) => VALUE.test(arg));
  return plain.map((arg, i) => {
    const valued = VALUE.test(plain[i - 1] ?? '');
    const first = !explicit && !arg.startsWith('-');
    if (first) explicit = true;
    if (!valued && !first) return arg;
    if (name === 'sed') return plainScript(basic ? plainBre(arg) : arg, !basic);
    return plainBre(arg);
  });
}

const VALUE = /^(-[a-zA-Z]*e|--regexp|--expression)$/;

/** Of several -e the stand-in knows the last: one pattern says them all. */
function onePattern(args: readonly string[], or: string): string[] {
  const at = args.flatMap((arg, i) => (VALUE.test(arg) && i + 1 < args.length ? [i] : []));
  const fixed = args.some((arg) => /^(-[a-zA-Z]*[FP]|--fixed-strings|--perl-regexp)/.test(arg));
  if (at.length < 2 || fixed) return [...args];
  const all = at.map((i) => args[i + 1]).join(or);
  return args.flatMap((arg, i) => {
    if (at.slice(1).includes(i)) return arg === '-e' || arg.startsWith('--') ? [] : [arg.slice(0, -1)];
    if (at.slice(1).includes(i - 1)) return [];
    return i - 1 === at[0] ? [all] : [arg];
  });
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', v: '\v' };

/** tr's escapes that its stand-in does not know. */
export function trEscapes(args: readonly string[]): string[] {
  return args.map((arg) => arg.replace(/\\([abfv\\])/g, (both, letter: string) => ESCAPES[letter] ?? both));
}
