// The script of a timeline's page: reads the records out of the page and draws four charts with one cursor.

(() => {
  const records = JSON.parse(document.getElementById('records').textContent);
  const stepNs = records[0].stepNs;
  const devices = records.filter((r) => r.dev !== undefined);
  const losses = records.filter((r) => r.drops !== undefined);
  const times = [...devices, ...losses].map((r) => r.t);
  const from = times.reduce((a, t) => Math.min(a, t), Number.POSITIVE_INFINITY);
  const to = times.reduce((a, t) => Math.max(a, t), 0);
  const charts = document.getElementById('charts');
  const summary = document.getElementById('summary');
  if (times.length === 0) {
    summary.textContent = 'Nothing was sent.';
    return;
  }
  // One point a step, or a point for several where there would be too many to see.
  const perPoint = Math.max(1, Math.ceil((to - from) / stepNs / 4000));
  const pointNs = stepNs * perPoint;
  const points = Math.floor((to - from) / pointNs) + 2;
  const at = (t) => Math.floor((t - from) / pointNs) + 1;
  const x = Array.from({ length: points }, (_, i) => (from + (i - 1) * pointNs) / 1e9);
  summary.textContent =
    `Virtual time ${(from / 1e9).toFixed(3)} to ${(to / 1e9).toFixed(3)} s, a point every ${pointNs / 1e6} ms. ` +
    'Drag to look closer, double-click to go back, click a name to hide it.';

  /** Named lines over the same x. */
  class Lines {
    constructor() {
      this.byName = new Map();
    }
    line(name, fill = 0) {
      let line = this.byName.get(name);
      if (line === undefined) this.byName.set(name, (line = new Array(points).fill(fill)));
      return line;
    }
    add(name, t, value) {
      this.line(name)[at(t)] += value;
    }
    /** The highest of a point. */
    peak(name, t, value) {
      const line = this.line(name, null);
      line[at(t)] = Math.max(line[at(t)] ?? 0, value);
    }
  }

  const colours = [
    '#4269d0',
    '#efb118',
    '#ff725c',
    '#6cc5b0',
    '#3ca951',
    '#ff8ab7',
    '#a463f2',
    '#97bbf5',
    '#9c6b4e',
    '#9498a0',
  ];
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const axis = {
    stroke: dark ? '#ccc' : '#333',
    grid: { stroke: dark ? '#333' : '#e5e5e5' },
    ticks: { stroke: dark ? '#333' : '#e5e5e5' },
  };

  const MOST = 24;

  /** The lines with the highest peaks, in the order in which they came. */
  function highest(lines) {
    const all = [...lines.byName];
    if (all.length <= MOST) return all;
    const peak = ([, line]) => line.reduce((a, v) => Math.max(a, v ?? 0), 0);
    const kept = new Set([...all].sort((a, b) => peak(b) - peak(a)).slice(0, MOST));
    return all.filter((one) => kept.has(one));
  }

  /** `options.of`: what a line belongs to; those of one thing share its colour, and some of them are dashed. */
  function draw(title, unit, lines, options = {}) {
    if (lines.byName.size === 0) return;
    const named = highest(lines);
    const left = lines.byName.size - named.length;
    const head = document.createElement('h2');
    head.textContent = `${title} (${unit}${left === 0 ? '' : `; the ${MOST} highest of ${lines.byName.size}`})`;
    charts.append(head);
    const things = [...new Set(named.map(([label]) => options.of?.(label) ?? label))];
    const colour = (label) => things.indexOf(options.of?.(label) ?? label);
    const series = named.map(([label]) => ({
      label,
      stroke: colours[colour(label) % colours.length],
      dash: options.dashed?.(label) ? [5, 4] : colour(label) >= colours.length ? [2, 3] : undefined,
      width: 1.25,
      spanGaps: options.gaps !== true,
      paths: options.steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
      points: { show: points < 60 },
      value: (_, v) => (v === null ? '-' : v.toLocaleString('en')),
    }));
    new uPlot(
      {
        width: Math.min(1120, document.body.clientWidth - 20),
        height: 220,
        cursor: { sync: { key: 'time' } },
        scales: { x: { time: false } },
        axes: [
          { ...axis, values: (_, v) => v.map((s) => `${s} s`) },
          { ...axis, size: 70 },
        ],
        series: [{ label: 'time', value: (_, v) => (v === null ? '-' : `${v.toFixed(6)} s`) }, ...series],
      },
      [x, ...named.map(([, line]) => line)],
      charts,
    );
  }

  const rate = 8e9 / pointNs / 1e6;
  const throughput = new Lines();
  const depth = new Lines();
  const limits = new Lines();
  for (const r of devices) {
    if (r.txBytes > 0) throughput.add(`${r.dev} tx`, r.t, r.txBytes * rate);
    if (r.rxBytes > 0) throughput.add(`${r.dev} rx`, r.t, r.rxBytes * rate);
    for (const q of r.queues) {
      const name = `${r.dev} tx-${q.queue}`;
      if (q.qlen > 0 || depth.byName.has(name)) depth.peak(name, r.t, q.qlen);
      if (q.limit === undefined) continue;
      limits.peak(`${name} limit`, r.t, q.limit);
      limits.peak(`${name} in flight`, r.t, q.inflight);
    }
  }
  const drops = new Lines();
  for (const r of losses) {
    for (const [reason, n] of Object.entries(r.drops)) drops.add(reason, r.t, (n * 1e9) / pointNs);
  }
  draw('Throughput', 'Mbit/s', throughput);
  draw('Frames that wait in a qdisc', 'frames', depth, { steps: true });
  draw('Byte queue limits', 'bytes; limits are dashed', limits, {
    steps: true,
    of: (label) => label.replace(/ (limit|in flight)$/, ''),
    dashed: (label) => label.endsWith(' limit'),
  });
  draw('Drops by reason', 'frames/s', drops);
})();
