// Where lowerdev remembers what lives until the next boot: /run/lowerdev, or a user's own directory. Files are small JSON
// documents that are replaced as a whole, so that a kill leaves the old one or the new one.

import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** /run/lowerdev for root; else $XDG_RUNTIME_DIR/lowerdev, or a directory in /tmp that is the user's own. */
function runDir(): string {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return '/run/lowerdev';
  const own = process.env.XDG_RUNTIME_DIR;
  return own?.startsWith('/') ? join(own, 'lowerdev') : `/tmp/lowerdev-${uid}`;
}

/** The documents of one kind, by name. Names have no slash. */
export class Records<T> {
  readonly #base: string;
  readonly #dir: string;

  /** `kind`: a directory below `base`. */
  constructor(kind: string, base = runDir()) {
    this.#base = base;
    this.#dir = join(base, kind);
  }

  /** Null: there is none, or it is no document of ours. */
  read(name: string): T | null {
    if (!isOwn(this.#base)) return null;
    try {
      return JSON.parse(readFileSync(this.#file(name), 'utf8')) as T;
    } catch {
      return null;
    }
  }

  names(): string[] {
    if (!isOwn(this.#base)) return [];
    try {
      const files = readdirSync(this.#dir).filter((f) => f.endsWith('.json'));
      return files.map((f) => f.slice(0, -'.json'.length)).sort((a, b) => (a < b ? -1 : 1));
    } catch {
      return [];
    }
  }

  /** Documents that a kill left half written. */
  drafts(): string[] {
    if (!isOwn(this.#base)) return [];
    try {
      return readdirSync(this.#dir)
        .filter((f) => f.endsWith('.json.new'))
        .map((f) => f.slice(0, -'.json.new'.length));
    } catch {
      return [];
    }
  }

  /** Throws the system's error where it cannot be written. */
  write(name: string, document: T): void {
    const draft = `${this.#file(name)}.new`;
    insistently(() => {
      this.prepare();
      rmSync(draft, { force: true });
      writeFileSync(draft, `${JSON.stringify(document)}\n`, { mode: 0o600, flag: 'wx' }); // through no link of anybody's
    });
    renameSync(draft, this.#file(name));
  }

  /** Whether it could be written; throws the system's error where not. */
  prepare(): void {
    insistently(() => {
      for (const dir of [this.#base, this.#dir]) makeDirectory(dir);
      if (!isOwn(this.#base)) throw new Error(`${this.#base} is not a directory of this user alone`);
      accessSync(this.#dir, constants.W_OK);
    });
  }

  /** The document, what a kill left of one, and the directories when they are empty. */
  remove(name: string): void {
    if (!isOwn(this.#base)) return;
    for (const file of [this.#file(name), `${this.#file(name)}.new`]) quietly(() => rmSync(file, { force: true }));
    for (const dir of [this.#dir, this.#base]) quietly(() => rmdirSync(dir));
  }

  removeDraft(name: string): void {
    if (isOwn(this.#base)) rmSync(`${this.#file(name)}.new`, { force: true });
  }

  #file(name: string): string {
    return join(this.#dir, `${name}.json`);
  }
}

function makeDirectory(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Somebody who removes the last record removes the directories, too: then once more. */
function insistently(body: () => void): void {
  for (let left = 10; ; left--) {
    try {
      body();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || left === 0) throw error;
    }
  }
}

/** What somebody else could write there is not believed: records name processes that are entered and ended. */
function isOwn(dir: string): boolean {
  const stat = lstatSync(dir, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.geteuid?.() && (stat.mode & 0o022) === 0;
}

/** Not empty, not there, or read-only: what is stale is recognised as such. */
function quietly(body: () => void): void {
  try {
    body();
  } catch {
    // As said.
  }
}
