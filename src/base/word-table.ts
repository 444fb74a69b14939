// Tables of words that users type. A plain object also "has" what every object inherits: a device may be called `constructor`.

/** The same entries, and nothing else: a word that is not among them is undefined, and not `in` it. */
export function wordTable<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null) as Record<string, T>, entries);
}
