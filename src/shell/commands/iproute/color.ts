// The option -c[olor][=WHEN], the same in every tool. iproute2: lib/color.c, matches_color().

/** What was asked for; null when it is another option. */
export function colorOption(option: string): 'always' | 'auto' | 'never' | null {
  const [word, when] = option.split('=');
  if (word.length < 2 || !'-color'.startsWith(word)) return null;
  if (when === undefined) return 'always';
  return when === 'always' || when === 'auto' || when === 'never' ? when : null;
}
