// Makes the kernel that a verb works on, from its options. The one place in cli/ that knows how a model is put together.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Machine, MachineError } from '../lab/machine.ts';
import { createModel, type Model } from '../lab/model.ts';
import { Usage } from './usage.ts';

export interface ModelChoice {
  machine?: string;
  /** Beside it lies a machine.yaml, perhaps. */
  script?: string;
  seed: number;
}

/** Throws Usage for a machine file that cannot be read or is not right. */
export async function openModel(choice: ModelChoice): Promise<Model> {
  const machine = await readMachine(choice.machine, choice.script);
  return createModel(machine === null ? { seed: choice.seed } : { seed: choice.seed, machine });
}

/** The file's, or that of the machine.yaml beside the script; null: there is none. Throws Usage. */
export async function readMachine(given: string | undefined, script: string | undefined): Promise<Machine | null> {
  const file = given ?? besideScript(script);
  if (file === null) return null;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Usage(`${file}: ${reason(error)}`);
  }
  const { parseMachine } = await import('../lab/machine-yaml.ts');
  try {
    return parseMachine(text, file);
  } catch (error) {
    if (error instanceof MachineError) throw new Usage(error.message);
    throw error;
  }
}

function besideScript(script: string | undefined): string | null {
  if (script === undefined || script === '-') return null;
  const file = join(dirname(script), 'machine.yaml');
  return existsSync(file) ? file : null;
}

/** What the system says about a file. */
export function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ENOENT: 'No such file or directory',
    EACCES: 'Permission denied',
    EISDIR: 'Is a directory',
  };
  return words[code ?? ''] ?? (error as Error).message;
}
