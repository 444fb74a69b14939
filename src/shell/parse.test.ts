import { describe, expect, test } from 'vitest';
import { parse } from './parse.ts';
import { isIncomplete, parseScript, SyntaxProblem } from './syntax.ts';

function problem(text: string): string {
  try {
    parseScript(text);
  } catch (error) {
    const { message, line, column } = error as SyntaxProblem;
    expect(error).toBeInstanceOf(SyntaxProblem);
    return `${line}:${column} ${message}`;
  }
  return 'none';
}

describe('a command that is missing', () => {
  test.each([
    ['echo a | | b\n', "1:10 syntax error near unexpected token `|'"],
    ['a |\n\n| b\n', "3:1 syntax error near unexpected token `|'"],
    ['true && ; b\n', "1:9 syntax error near unexpected token `;'"],
    ['x=1\n(a | )\n', "2:6 syntax error near unexpected token `)'"],
    ['echo a &&\n', '2:1 syntax error: unexpected end of file'],
    ['a |\n cat &&\n\n b\n', 'none'],
    ['true && ! \n', 'none'],
    ['time\n', 'none'],
    ['> file\n', 'none'],
  ])('%j', (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  test('at the prompt, the rest may follow', () => {
    expect(isIncomplete('echo a &&')).toBe(true);
    expect(isIncomplete('echo a |')).toBe(true);
    expect(isIncomplete('echo a | | b')).toBe(false);
  });
});

test('more than 10,000 statements keep their line numbers', () => {
  const script = parse(`${'x=1; y=2\n'.repeat(12_000)}echo end\n`);
  expect(script.statements).toHaveLength(24_001);
  expect(problem(`${'x=1\n'.repeat(12_000)}fi\n`)).toBe("12001:1 syntax error near unexpected token `fi'");
});

test('a variable that must be set is named', () => {
  const text = JSON.stringify(parse('echo ${IFACE:?set it} ${MODE?}\n'));
  expect(text).toContain('"value":"IFACE: "},{"type":"Literal","value":"set it"');
  expect(text).toContain('"value":"MODE: "},{"type":"Literal","value":"parameter not set"');
});
