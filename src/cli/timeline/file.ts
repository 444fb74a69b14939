// --timeline FILE: the records as JSON lines in FILE, and a page with charts beside it.

import { writeFileSync } from 'node:fs';
import type { Kernel } from '../../net/kernel.ts';
import { Timeline, type TimelineRecord } from '../../probe/timeline.ts';
import { reason } from '../open-model.ts';
import { Usage } from '../usage.ts';
import { timelinePage } from './page.ts';

/** So many records are kept; a longer run says that the rest is missing. */
const MAX_RECORDS = 1_000_000;

/** `out.jsonl` and `out.html`, whichever of the two is named. */
function timelineFiles(file: string): { lines: string; page: string } {
  const stem = file.replace(/\.(jsonl|html)$/, '');
  return { lines: file.endsWith('.html') ? `${stem}.jsonl` : file, page: `${stem}.html` };
}

export function openTimeline(kernel: Kernel, file: string, stepNs: number, title: string): { close(): string | null } {
  const files = timelineFiles(file);
  write(files.lines, ''); // before the run: a path that cannot be written is told at once
  const records: TimelineRecord[] = [];
  let left = 0;
  const timeline = new Timeline(kernel, stepNs, (record) => {
    if (records.length < MAX_RECORDS) records.push(record);
    else left++;
  });
  return {
    /** Writes both; a warning, or null. */
    close() {
      timeline.finish();
      write(files.lines, records.map((r) => `${JSON.stringify(r)}\n`).join(''));
      write(files.page, timelinePage(title, records));
      if (left === 0) return null;
      return `the timeline ends early: ${left} records too many; take a longer --timeline-step`;
    },
  };
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Usage(`${file}: ${reason(error)}`);
  }
}
