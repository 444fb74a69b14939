// An answer for people, and as data.

import { printable } from '../../base/printable.ts';
import type { Probed } from './probe.ts';
import type { Answer } from './why.ts';

/** What the kernel said when it was asked; or why it was not. */
export type Confirmed = Probed | { readonly not: string };

const MOST_UNSEEN = 3;

/** Reality decides where it was asked. */
export function isReached(answer: Answer, confirmed: Confirmed | null): boolean {
  return confirmed !== null && 'reached' in confirmed ? confirmed.reached : answer.reached;
}

export function answerText(answer: Answer, confirmed: Confirmed | null): string {
  const { from, to, traffic, reached, text: why, direction, where, evidence, cure, commands } = answer;
  const back = direction === 'back' && !why.startsWith('the way back') ? 'the way back: ' : '';
  const lines = [`${from} -> ${to} (${traffic})`, ''];
  lines.push(`${reached ? 'reached' : 'not reached'}: ${back}${why}`);
  const row = (name: string, value: string): number => lines.push(`  ${name.padEnd(9)} ${value}`);
  if (where !== null && !reached) row('at', where);
  for (const [i, seen] of evidence.entries()) row(i === 0 ? 'seen' : '', seen);
  const cures = commands.length > 0 ? commands : cure === null ? [] : [cure];
  if (!reached) for (const [i, one] of cures.entries()) row(i === 0 ? 'cure' : '', one);
  if (confirmed !== null) lines.push(`  ${'probe'.padEnd(9)} ${probeText(answer, confirmed)}`);
  if (answer.warnings.length > 0) lines.push('');
  for (const w of answer.warnings)
    if (w.text !== why) lines.push(`beside it: ${w.text}${w.cure === null ? '' : `\n  ${'cure'.padEnd(9)} ${w.cure}`}`);
  if (answer.notes.length + answer.unseen.length > 0) lines.push('');
  for (const note of answer.notes) lines.push(`the model: ${note}`);
  for (const unseen of answer.unseen.slice(0, MOST_UNSEEN)) lines.push(`not seen: ${unseen}`);
  const more = answer.unseen.length - MOST_UNSEEN;
  if (more > 0) lines.push(`not seen: ${more} more, which --json lists`);
  const text = lines.filter((line, i) => line !== '' || lines[i - 1] !== '').join('\n');
  return printable(`${text.trimEnd()}\n`);
}

function probeText(answer: Answer, confirmed: Confirmed): string {
  if ('not' in confirmed) return `not sent: ${confirmed.not}`;
  const { reached, evidence } = confirmed;
  const said = `on this kernel ${reached ? 'it is reached' : 'it is not reached'}: ${evidence}`;
  if (reached === answer.reached) return said;
  if (answer.leaves !== null)
    return `${said}. What stops it is beyond ${answer.leaves.device}, or a filter (nftables, tc, BPF), which a snapshot does not hold`;
  return `${said}. THIS DIFFERS from the model: a filter (nftables, tc, BPF) may be at work, which a snapshot does not hold`;
}

export function answerData(answer: Answer, confirmed: Confirmed | null): object {
  const { ends: _, ...plain } = answer;
  return {
    ...plain,
    reached: isReached(answer, confirmed),
    model: answer.reached,
    probe: confirmed,
    differs: confirmed !== null && 'reached' in confirmed && confirmed.reached !== answer.reached,
  };
}
