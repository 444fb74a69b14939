// Bitwise arithmetic of shell scripts. The interpreter computes `<< >> & | ^ ~` as JavaScript does, on 32 bits with a sign,
// bash on 64: an IPv4 address would come out negative. Each is rewritten here into plain arithmetic (and bit operations on
// halves of 32 bits), which is exact up to 2^53 as all of the interpreter's numbers are.

type Tree = Record<string, unknown>;

/** What a half holds. */
const HALF = 2 ** 32;
const SHIFTS = new Set(['<<', '>>']);
const LOGIC = new Set(['&', '|', '^']);

/**
 * The node of arithmetic that computes the same on whole numbers; null when it has no bits of its own to do. Its operands
 * are left as they are: walk on into what is returned. `live`: variables that may not be read twice.
 */
export function wideBits(node: Tree | null, live: ReadonlySet<string>): Tree | null {
  if (node === null || typeof node !== 'object') return null;
  if (node['type'] === 'ArithUnary' && node['operator'] === '~') {
    return group(
      binary(
        '-',
        { type: 'ArithUnary', operator: '-', operand: group(node['operand'] as Tree), prefix: true },
        number(1),
      ),
    );
  }
  if (node['type'] === 'ArithAssignment') return assignment(node, live);
  if (node['type'] !== 'ArithBinary' || halves.has(node)) return null;
  const operator = String(node['operator']);
  if (!SHIFTS.has(operator) && !LOGIC.has(operator)) return null;
  return operation(operator, node['left'] as Tree, node['right'] as Tree, live);
}

/** True when a text of arithmetic asks for bits: it must not be parsed again at run time then, past this rewriting. */
export function asksForBits(text: string): boolean {
  return /<<|>>|~|\^|(?<!&)&(?!&)|(?<!\|)\|(?!\|)/.test(text);
}

/** Bit operations on halves, which stay as they are. */
const halves = new WeakSet<Tree>();

function operation(operator: string, left: Tree, right: Tree, live: ReadonlySet<string>): Tree {
  const [a, first] = once(left, live);
  const [b, second] = once(right, live);
  const result = SHIFTS.has(operator) ? shift(operator, a, b) : logic(operator, a, b);
  return group([...first, ...second].reduceRight((rest, step) => binary(',', step, rest), result));
}

/** `a * 2**b`, or `a / 2**b` rounded down. */
function shift(operator: string, a: Tree, b: Tree): Tree {
  const power = binary('**', number(2), b);
  return operator === '<<' ? binary('*', a, power) : quotient(a, group(power));
}

/** The upper halves and the lower ones, each on its own. */
function logic(operator: string, a: Tree, b: Tree): Tree {
  const upper = half(operator, group(quotient(a, number(HALF))), group(quotient(b, number(HALF))));
  const lower = binary('%', group(binary('+', half(operator, a, b), number(HALF))), number(HALF));
  return binary('+', binary('*', upper, number(HALF)), lower);
}

function half(operator: string, a: Tree, b: Tree): Tree {
  const node = binary(operator, a, b);
  halves.add(node);
  return group(node);
}

/** `a / by`, rounded down as a shift does; the interpreter's `/` rounds towards zero. */
function quotient(a: Tree, by: Tree): Tree {
  const below = binary('*', group(binary('<', a, number(0))), group(binary('-', by, number(1))));
  return binary('/', group(binary('-', a, below)), by);
}

/** `x <<= n` is `x = x << n`. */
function assignment(node: Tree, live: ReadonlySet<string>): Tree | null {
  const operator = String(node['operator']).slice(0, -1);
  if (!SHIFTS.has(operator) && !LOGIC.has(operator)) return null;
  if (node['subscript'] !== undefined || node['stringKey'] !== undefined) return null;
  const old = { type: 'ArithVariable', name: node['variable'], hasDollarPrefix: false };
  return { ...node, operator: '=', value: operation(operator, old, node['value'] as Tree, live) };
}

let temporaries = 0;

/** The operand, and what must be done before it can be read more than once. */
function once(operand: Tree, live: ReadonlySet<string>): [Tree, Tree[]] {
  const { type, name } = operand;
  if (type === 'ArithNumber' || (type === 'ArithVariable' && !live.has(String(name)))) return [operand, []];
  const variable = `__lowerdev_bits${temporaries++ % 64}`;
  const kept = { type: 'ArithVariable', name: variable, hasDollarPrefix: false };
  return [kept, [{ type: 'ArithAssignment', operator: '=', variable, value: operand }]];
}

function binary(operator: string, left: Tree, right: Tree): Tree {
  return { type: 'ArithBinary', operator, left, right };
}

function group(expression: Tree): Tree {
  return { type: 'ArithGroup', expression };
}

function number(value: number): Tree {
  return { type: 'ArithNumber', value };
}
