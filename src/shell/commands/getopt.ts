// getopt(3) for commands: short options anywhere, `--` ends them, values attached or as the next word.

export type OptionError = { kind: 'invalid'; option: string } | { kind: 'value'; option: string };

export interface Options {
  /** In the order given; value is '' for switches. */
  readonly options: Array<[option: string, value: string]>;
  readonly words: string[];
  /** The first mistake; what follows it was not read. */
  readonly error: OptionError | null;
}

/** `withValue` and `switches` list the letters. */
export function getopt(argv: readonly string[], switches: string, withValue: string): Options {
  const options: Array<[string, string]> = [];
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (arg[0] !== '-' || arg === '-') {
      words.push(arg);
      continue;
    }
    for (let j = 1; j < arg.length; j++) {
      const c = arg[j];
      if (withValue.includes(c)) {
        const value = j + 1 < arg.length ? arg.slice(j + 1) : argv[++i];
        if (value === undefined) return { options, words, error: { kind: 'value', option: c } };
        options.push([c, value]);
        break;
      }
      if (!switches.includes(c)) return { options, words, error: { kind: 'invalid', option: c } };
      options.push([c, '']);
    }
  }
  return { options, words, error: null };
}
