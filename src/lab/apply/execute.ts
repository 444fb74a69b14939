// Carries a plan out as one transaction: when anything fails, all that was done is taken back in reverse, and the error
// says which step it was, what the kernel answered and, where that is known, why.

import { NlError } from '../../netlink/error.ts';
import { type Access, placeName } from './access.ts';
import { type Action, perform, settle } from './actions.ts';
import { briefLinks } from './dump.ts';
import { type Explained, explain } from './explain.ts';
import { goingGroupOf } from './names.ts';
import type { Act, Plan, Step } from './plan.ts';
import { MANY } from './plan-remove.ts';
import { type Asked, isAsked, requestOf } from './requests.ts';

/** Something could not be done. The machine is as it was, unless `left` says otherwise. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  readonly step: Step;
  readonly action: Action;
  /** 'EBUSY'; null: not the kernel's refusal. */
  readonly code: string | null;
  /** The kernel's own words. */
  readonly extack: string | null;
  /** Found by looking at the machine. */
  readonly why: string | null;
  /** The way out. */
  readonly cure: string | null;
  /** What could not be taken back. */
  readonly left: readonly string[];

  constructor(step: Step, action: Action, cause: Error, found: Explained | null, left: readonly string[]) {
    super(`${step.text}: ${cause.message}${found === null ? '' : `: ${found.why}; ${found.cure}`}`, { cause });
    this.step = step;
    this.action = action;
    this.code = cause instanceof NlError ? cause.code : null;
    this.extack = cause instanceof NlError ? (cause.extack.text ?? null) : null;
    this.why = found?.why ?? null;
    this.cure = found?.cure ?? null;
    this.left = left;
  }
}

/** Somebody else was quicker. All was taken back; looking at the machine again, and doing it again, will do. */
export class Outrun extends Error {
  override readonly name = 'Outrun';
}

export interface Watcher {
  /** Before each act. What it throws counts as a failure of the act. */
  onAct?(step: Step, action: Action): void;
}

/** Throws ApplyError, and Outrun. A plan with conflicts has no steps, and does nothing. */
export function execute(access: Access, plan: Plan, watcher: Watcher = {}): void {
  const undos: (readonly Action[])[] = [];
  for (const lot of lotsOf(plan)) {
    const failure = carryOut(access, lot, watcher, undos);
    if (failure === null) continue;
    const { todo, cause } = failure;
    const { action } = todo.act;
    const found = explain(access, action, cause);
    const outrun = indexTaken(access, action);
    const left = takeBack(access, plan.group, undos);
    if (outrun && left.length === 0) throw new Outrun('somebody else made a device with the ifindex that was chosen');
    throw new ApplyError(todo.step, action, cause, found, left);
  }
}

/** Whether a device that somebody else made meanwhile has the ifindex that was chosen for a new one. */
function indexTaken(access: Access, action: Action): boolean {
  if (action.do !== 'link-add' || action.link.index !== null) return false;
  const place = access.at(action.place);
  const index = place.indices.get(action.link.ifname);
  return briefLinks(place.client).some((m) => m.header.index === index && m.attrs.ifname !== action.link.ifname);
}

/** What is asked of the kernel at once: all of it is done, or refused, one by one, before the next lot is looked at. */
type Lot = readonly Todo[];

interface Todo {
  readonly step: Step;
  readonly act: Act;
}

interface Failure {
  readonly todo: Todo;
  readonly cause: Error;
}

/**
 * Links that are made one after the other come into being together, in one lot; what they carry follows, in a lot for each
 * namespace. A link is touched only when it was granted: what has its name may be another's. Links of many namespaces go in one lot,
 * one of each namespace. All else is done by itself.
 */
function lotsOf(plan: Plan): Lot[] {
  const lots: Lot[] = [];
  let made: Todo[] = [];
  let going: Todo[] = [];
  const close = (): void => {
    lots.push(...rounds(going));
    going = [];
    const later = made.filter(({ act }) => act.action.do !== 'link-add');
    if (made.length > 0) lots.push(made.filter(({ act }) => act.action.do === 'link-add'));
    for (const todo of later) if (!isAsked(todo.act.action)) lots.push([todo]);
    lots.push(...byPlace(later.filter(({ act }) => isAsked(act.action))));
    made = [];
  };
  for (const step of plan.steps) {
    const todos = step.acts.map((act) => ({ step, act }));
    const [first] = todos;
    if (first?.act.action.do === 'link-add') {
      if (going.length > 0) close();
      made.push(...todos);
    } else if (todos.length === 1 && isAway(first.act.action)) {
      if (made.length > 0) close();
      going.push(first);
    } else {
      close();
      lots.push(...todos.map((todo) => [todo]));
    }
  }
  close();
  return lots;
}

/** Of a namespace that is not the host's, where VLAN devices may go after what stands on them. */
function isAway(action: Action): boolean {
  return action.do === 'link-del' && action.place.kind !== 'host';
}

/** The first of each namespace, the second of each, and so on. */
function rounds(todos: readonly Todo[]): Lot[] {
  const lots: Todo[][] = [];
  for (const there of byPlace(todos)) {
    for (const [i, todo] of there.entries()) {
      lots[i] ??= [];
      lots[i].push(todo);
    }
  }
  return lots;
}

function byPlace(todos: readonly Todo[]): Lot[] {
  const places = new Map<string, Todo[]>();
  for (const todo of todos) {
    const { action } = todo.act;
    const name = 'place' in action ? placeName(action.place) : '';
    const there = places.get(name);
    if (there === undefined) places.set(name, [todo]);
    else there.push(todo);
  }
  return [...places.values()];
}

/** The first that failed, or null. What takes back the others is put into `undos`. */
function carryOut(access: Access, lot: Lot, watcher: Watcher, undos: (readonly Action[])[]): Failure | null {
  const asked: { todo: Todo; asked: Asked }[] = [];
  let failure: Failure | null = null;
  let stop: unknown = null;
  for (const todo of lot) {
    const { action } = todo.act;
    try {
      watcher.onAct?.(todo.step, action);
      if (isAsked(action)) asked.push({ todo, asked: requestOf(access, action) });
      else {
        perform(access, action);
        undos.push(todo.act.undo);
      }
    } catch (error) {
      stop = error;
      if (error instanceof Error) failure = { todo, cause: error };
      break;
    }
  }
  const refused = send(access, asked, undos);
  if (stop !== null && !(stop instanceof Error)) throw stop;
  return refused ?? failure;
}

/** All of one lot go over one socket, or over a socket each. */
function send(
  access: Access,
  items: readonly { todo: Todo; asked: Asked }[],
  undos: (readonly Action[])[],
): Failure | null {
  if (items.length === 0) return null;
  let failure: Failure | null = null;
  const { client } = items[0].asked;
  const one = items.every(({ asked }) => asked.client === client);
  const answers = one ? client.batch(items.map(({ asked }) => asked.request)) : sendEach(access, items);
  for (const [i, { todo, asked }] of items.entries()) {
    try {
      settle(asked, answers[i]);
      undos.push(todo.act.undo);
    } catch (error) {
      failure ??= { todo, cause: error as Error };
    }
  }
  return failure;
}

function sendEach(access: Access, items: readonly { asked: Asked }[]): (NlError | null)[] {
  const prepared = items.map(({ asked: { client, request } }) => ({
    transport: client.transport,
    ...client.prepare(request),
  }));
  if (access.kernel.sendTogether === undefined) {
    return prepared.map(({ transport, datagram, answer }) => {
      transport.send(datagram);
      return answer();
    });
  }
  access.kernel.sendTogether(prepared);
  return prepared.map(({ answer }) => answer());
}

/** What could not be. The rest is taken back all the same. */
function takeBack(access: Access, group: number, undos: readonly (readonly Action[])[]): string[] {
  const left: string[] = [];
  for (const action of together([...undos].reverse().flat(), group)) {
    try {
      perform(access, action);
    } catch (error) {
      left.push(`${action.do} ${JSON.stringify(action)}: ${(error as Error).message}`);
    }
  }
  return left;
}

/** Many links of one namespace that go one after the other go at once. */
function together(actions: readonly Action[], group: number): Action[] {
  const out: Action[] = [];
  for (let i = 0; i < actions.length; ) {
    const first = actions[i];
    const run: string[] = [];
    for (let j = i; first.do === 'link-del' && j < actions.length; j++) {
      const next = actions[j];
      if (next.do !== 'link-del' || placeName(next.place) !== placeName(first.place)) break;
      run.push(next.ifname);
    }
    const many = first.do === 'link-del' && run.length >= MANY;
    out.push(many ? { do: 'links-del', place: first.place, ifnames: run, group: goingGroupOf(group) } : first);
    i += many ? run.length : 1;
  }
  return out;
}
