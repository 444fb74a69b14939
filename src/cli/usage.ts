// Bad usage: said in one line, exit code 2. And how option values are read.

export class Usage extends Error {
  override readonly name = 'Usage';
}

/** A whole number from `least` up. */
export function wholeNumber(option: string, text: string, least = 0): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new Usage(`${option} wants a whole number, not '${text}'`);
  if (value < least) throw new Usage(`${option} wants ${least} or more, not ${text}`);
  return value;
}

/** NAME=VALUE, any number of them. */
export function variables(pairs: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const pair of pairs) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair);
    if (match === null) {
      throw new Usage(`--set wants NAME=VALUE with a name of letters, digits and underscores, not '${pair}'`);
    }
    map.set(match[1], match[2]);
  }
  return map;
}

/** For an option that may be repeated. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
