// lowerdev init: writes a lab file from questions, options, or what a machine has. Exit codes: 0 written, 2 bad input, 4 not
// allowed.

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { LabMode } from '../../lab/file/lab.ts';
import { LabError } from '../../lab/file/lab.ts';
import { type Answers, type Draft, DraftError, draftOf } from '../../lab/init/draft.ts';
import { draftFromSnapshot } from '../../lab/init/from-snapshot.ts';
import { writeLab } from '../../lab/init/write.ts';
import { looking } from '../look.ts';
import { reason } from '../open-model.ts';
import { Usage, wholeNumber } from '../usage.ts';

export interface InitOptions {
  lower?: string;
  mode: LabMode;
  endpoints: string;
  subnet?: string[];
  gateway?: string;
  vlan?: string;
  hostShim?: boolean;
  machine?: boolean;
  name?: string;
  fromHost?: boolean;
  snapshot?: string;
  output: string;
  force?: boolean;
}

export async function init(options: InitOptions): Promise<number> {
  mayWrite(options.output, options.force === true);
  const lab = options.name ?? nameOf(options.output);
  if (options.fromHost === true || options.snapshot !== undefined) {
    const where = options.fromHost === true ? { engine: 'linux' } : { snapshot: options.snapshot };
    return await looking({ seed: '1', ...where }, async (look) => {
      return await write(draftFromSnapshot(lab, look.read(), options.machine === true), options);
    });
  }
  const answers = options.lower === undefined ? await asked(lab, options) : given(lab, options.lower, options);
  try {
    return await write(draftOf(answers), options);
  } catch (error) {
    if (error instanceof DraftError) throw new Usage(error.message);
    throw error;
  }
}

function mayWrite(file: string, force: boolean): void {
  if (file !== '-' && !force && existsSync(file)) throw new Usage(`${file} is there already; --force overwrites it`);
}

/** As a lab without a "lab:" would be called. */
function nameOf(output: string): string {
  const file = resolve(output === '-' ? 'lab.yaml' : output);
  const base = basename(file).replace(/\.(ya?ml|json)$/, '');
  const name = base === 'lab' ? basename(dirname(file)) : base;
  return name.replace(/[^A-Za-z0-9_.-]/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'lab';
}

function given(lab: string, lower: string, options: InitOptions): Answers {
  return {
    ...{ lab, lower, mode: options.mode, endpoints: listOf(options.endpoints), subnets: options.subnet ?? [] },
    gateway: options.gateway ?? null,
    hostShim: options.hostShim === true,
    vlan: options.vlan === undefined ? null : wholeNumber('--vlan', options.vlan),
    machine: options.machine === true,
  };
}

function asked(lab: string, options: InitOptions): Promise<Answers> {
  if (!process.stdin.isTTY) throw new Usage('no terminal to ask on: give --lower, or --from-host');
  return ask(lab, options, process.stdin);
}

const listOf = (text: string): string[] => text.split(/[,\s]+/).filter((name) => name !== '');

/** The questions, on standard error; Enter takes what is between the brackets. Throws Usage when the input ends. */
export async function ask(lab: string, options: InitOptions, input: NodeJS.ReadableStream): Promise<Answers> {
  const lines = createInterface({ input, output: process.stderr });
  const answers = lines[Symbol.asyncIterator](); // keeps lines that come before they are asked for
  const question = async (text: string, otherwise: string): Promise<string> => {
    process.stderr.write(`${text}${otherwise === '' ? '' : ` [${otherwise}]`}: `);
    const { value, done } = await answers.next();
    if (done === true) throw new Usage('nothing was written: the questions were not answered');
    return value.trim() || otherwise;
  };
  try {
    const devices = devicesHere();
    const lower = await question(
      `The device below${devices.length === 0 ? '' : ` (${devices.join(', ')})`}`,
      devices[0] ?? 'eth0',
    );
    const mode = await question('Mode (private, vepa, bridge, passthru, source)', options.mode);
    const endpoints = await question('Endpoints', mode === 'passthru' ? 'blue' : options.endpoints);
    const subnet = await question('Subnet that they get addresses from (none: -)', '192.168.7.0/24');
    const gateway = await question('Their gateway (none: -)', '-');
    const shim =
      mode === 'passthru' ? 'n' : await question('Shall the host reach them, by a macvlan of its own? y/n', 'y');
    const here = await question('On this machine (y), or on hardware of the model and a sandbox (n)?', 'y');
    const said = { mode: mode as LabMode, endpoints, hostShim: /^y/i.test(shim), machine: !/^y/i.test(here) };
    const subnets = subnet === '-' ? [] : listOf(subnet);
    return given(lab, lower, { ...options, ...said, subnet: subnets, gateway: gateway === '-' ? undefined : gateway });
  } finally {
    lines.close();
  }
}

/** What a macvlan could stand on, as far as /sys tells. */
function devicesHere(): string[] {
  if (!existsSync('/sys/class/net')) return [];
  return readdirSync('/sys/class/net').filter((name) => existsSync(`/sys/class/net/${name}/device`));
}

/** Read back before it is written: what is no lab is said, not saved. */
async function write(draft: Draft, options: InitOptions): Promise<number> {
  const text = writeLab(draft);
  const { parseLab } = await import('../../lab/file/lab-yaml.ts');
  try {
    parseLab(text, options.output);
  } catch (error) {
    if (error instanceof LabError) throw new Usage(`this makes no lab:\n${error.message}`);
    throw error;
  }
  if (options.output === '-') process.stdout.write(text);
  else {
    try {
      writeFileSync(options.output, text, { flag: options.force === true ? 'w' : 'wx' });
    } catch (error) {
      throw new Usage(`${options.output}: ${reason(error)}`);
    }
    process.stderr.write(`lowerdev: ${options.output} is written; next: lowerdev plan ${options.output}\n`);
  }
  return 0;
}
