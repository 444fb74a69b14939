// The one door to the interpreter that we build on: just-bash (Apache-2.0). It brings the parser, expansion,
// arithmetic, functions, conditions and the text tools; shell.ts derives from its Interpreter and brings what a lab
// needs besides: output that appears at once, real descriptors, jobs, signals and virtual time.
// just-bash exports its Interpreter's types but not the class itself, so the class is taken from an instance at work
// (takeInterpreter). Method and field names are those of interpreter.d.ts and types.d.ts in the package, version 3.4.

import type {
  CommandNode,
  IFileSystem,
  PipelineNode,
  ScriptNode,
  SimpleCommandNode,
  StatementNode,
  WordNode,
} from 'just-bash';
import { Bash, parse, serialize } from 'just-bash';

export type { CommandNode, IFileSystem, PipelineNode, ScriptNode, SimpleCommandNode, StatementNode, WordNode };
export type Redirection = SimpleCommandNode['redirections'][number];
export type WordPart = WordNode['parts'][number];
export { parse, serialize };

/** What a statement or a command came to. Ours is always empty of text: output was written where it belongs. */
export interface Outcome {
  stdout: string;
  stderr: string;
  exitCode: number;
  stdoutKind?: 'text' | 'bytes';
  stdoutEncoding?: 'binary';
  /** The interpreter's accounting of the text; void once the text was written. */
  internalOutputAccounting?: unknown;
}

export interface ShellArray {
  kind: 'indexed' | 'associative';
  elements: Map<string, string>;
}

/** The part of the interpreter's state that we read or write; the rest is copied as it is. */
export interface EngineState {
  env: Map<string, string>;
  arrays?: Map<string, ShellArray>;
  cwd: string;
  previousDir: string;
  functions: Map<string, unknown>;
  options: Record<string, boolean>;
  shoptOptions: Record<string, boolean>;
  exportedVars?: Set<string>;
  tempExportedVars?: Set<string>;
  inCondition: boolean;
  errexitSafe?: boolean;
  loopDepth: number;
  callDepth: number;
  sourceDepth: number;
  sourceStack?: string[];
  currentSource?: string;
  currentLine: number;
  lastExitCode: number;
  lastArg: string;
  /** `$!`: empty before the first job. */
  lastBackgroundPid: number | '';
  bashPid: number;
  virtualPid: number;
  virtualPpid: number;
  virtualUid: number;
  virtualGid: number;
  groupStdin?: string;
  groupStdinSourceFd?: number;
  expansionStderr?: string;
  extraArgs?: string[];
  hashTable?: Map<string, string>;
}

export interface EngineCommand {
  name: string;
  trusted?: boolean;
  execute(args: string[], ctx: unknown): Promise<Outcome>;
}

/** How a command of the interpreter (xargs, find -exec) asks for another. */
export interface EngineExecOptions {
  env?: Record<string, string>;
  replaceEnv?: boolean;
  cwd?: string;
  stdin?: string;
  stdinKind?: 'text' | 'bytes';
  args?: string[];
}

export interface EngineOptions {
  fs: IFileSystem;
  commands: Map<string, EngineCommand>;
  limits: Record<string, number>;
  executionScope: unknown;
  exec: (script: string, options?: EngineExecOptions) => Promise<Outcome>;
}

export interface EngineContext extends Omit<EngineOptions, 'exec'> {
  state: EngineState;
}

/** just-bash's Interpreter, as interpreter.d.ts describes it. */
export interface Engine {
  ctx: EngineContext;
  buildExportedEnv(): Record<string, string>;
  executeScript(node: ScriptNode): Promise<Outcome>;
  executeUserScript(path: string, args: string[], stdin?: string): Promise<Outcome>;
  findCommandInPath(name: string): Promise<string[]>;
  executeStatement(node: StatementNode): Promise<Outcome>;
  executePipeline(node: PipelineNode): Promise<Outcome>;
  executeCommand(node: CommandNode, stdin: string, stdinOwned?: boolean): Promise<Outcome>;
  executeSimpleCommand(node: SimpleCommandNode, stdin: string): Promise<Outcome>;
  executeSubshell(node: CommandNode, stdin?: string, stdinOwned?: boolean): Promise<Outcome>;
  runCommand(
    name: string,
    args: string[],
    quoted: boolean[],
    stdin: string,
    skipFunctions?: boolean,
    useDefaultPath?: boolean,
    stdinSourceFd?: number,
    stdinRedirected?: boolean,
  ): Promise<Outcome>;
}

type EngineClass = new (options: EngineOptions, state: EngineState) => Engine;

/** Our own budgets end a run (scheduler.ts, shell.ts); the interpreter's would end it in other words. */
const unlimited = 1e9;
const limits = {
  maxCommandCount: unlimited,
  maxLoopIterations: unlimited,
  maxAwkIterations: 10_000_000,
  maxWorkUnits: Number.MAX_SAFE_INTEGER,
  maxExecutionTimeMs: 1e12,
  maxOutputSize: unlimited * 4,
  maxCallDepth: 400,
};

/** Text tools of just-bash that a lab may use. Nothing that reaches a network, a database or another language. */
const textTools = [
  'echo',
  'printf',
  'cat',
  'ls',
  'mkdir',
  'rmdir',
  'touch',
  'rm',
  'cp',
  'mv',
  'ln',
  'chmod',
  'pwd',
  'readlink',
  'stat',
  'head',
  'tail',
  'wc',
  'grep',
  'egrep',
  'fgrep',
  'sed',
  'awk',
  'sort',
  'uniq',
  'comm',
  'cut',
  'paste',
  'tr',
  'rev',
  'nl',
  'fold',
  'expand',
  'unexpand',
  'column',
  'join',
  'tee',
  'find',
  'basename',
  'dirname',
  'xargs',
  'true',
  'false',
  'seq',
  'expr',
  'base64',
  'md5sum',
  'sha1sum',
  'sha256sum',
  'tac',
  'od',
  'diff',
  'jq',
  'which',
  'printenv',
  'alias',
  'unalias',
  'split',
  'strings',
  'tree',
  'clear',
] as const;

interface Taken {
  Interpreter: EngineClass;
  Scope: new (limits: Record<string, number>) => unknown;
  context: EngineContext;
}

function takeInterpreter(): Taken {
  const bash = new Bash({ cwd: '/root', commands: [...textTools], defenseInDepth: false, executionLimits: limits });
  let found: Engine | null = null;
  // The constructor binds its own executeScript; that call shows the instance. All of this happens before exec() returns.
  const bind = Function.prototype.bind;
  Function.prototype.bind = function (this: unknown, self: unknown, ...rest: unknown[]): unknown {
    if (isEngine(self)) found ??= self;
    return Reflect.apply(bind, this, [self, ...rest]);
  } as typeof bind;
  try {
    bash.exec(':').catch(() => undefined);
  } finally {
    Function.prototype.bind = bind;
  }
  if (found === null)
    throw new Error('this version of just-bash hides its interpreter: see src/shell/engine/justbash.ts');
  const engine = found as Engine;
  return {
    Interpreter: engine.constructor as EngineClass,
    Scope: (engine.ctx.executionScope as object).constructor as Taken['Scope'],
    context: engine.ctx,
  };
}

function isEngine(x: unknown): x is Engine {
  return typeof x === 'object' && x !== null && typeof (x as Engine).executeScript === 'function';
}

const taken = takeInterpreter();

/** The class to derive from. */
export const Interpreter: EngineClass = taken.Interpreter;

/** The interpreter's own commands, by name. Shared: they hold no state. */
export const bundledCommands: ReadonlyMap<string, EngineCommand> = taken.context.commands;

export const engineLimits: Record<string, number> = taken.context.limits;

/** The interpreter's accounting, fresh for each run. */
export function newScope(): unknown {
  return new taken.Scope(engineLimits);
}

/** A state as a new shell has it. */
export function newState(): EngineState {
  const state = cloneState(taken.context.state);
  state.lastBackgroundPid = '';
  return state;
}

/** A copy as fork() makes it: variables, functions and options are the child's own; the parsed script is shared. */
export function cloneState(state: EngineState): EngineState {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(state))
    copy[key] = key === 'functions' ? new Map(state.functions) : cloneValue(value);
  return copy as unknown as EngineState;
}

function cloneValue(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, cloneValue(v)]));
  if (value instanceof Set) return new Set(value);
  if (Array.isArray(value)) return value.map(cloneValue);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, cloneValue(v)]));
  }
  return value;
}
