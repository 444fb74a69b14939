// The timeline as one HTML page that needs no network: the records, a charting library (uPlot) and a page of script.

import chartCode from 'uplot/dist/uPlot.iife.min.js';
import chartStyle from 'uplot/dist/uPlot.min.css';
import type { TimelineRecord } from '../../probe/timeline.ts';
import style from './page.view.css';
import view from './page.view.js';

/** `title`: the script's name. */
export function timelinePage(title: string, records: readonly TimelineRecord[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)} - lowerdev timeline</title>
<style>${chartStyle}${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p id="summary"></p>
<main id="charts"></main>
<script type="application/json" id="records">${inScript(JSON.stringify(records))}</script>
<script>${inScript(chartCode)}</script>
<script>${inScript(view)}</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Nothing in a script may look like its end. */
function inScript(text: string): string {
  return text.replaceAll('</', '<\\/');
}
