"""The look of the evaluation report, for bright and dark screens."""

STYLE = """
:root { color-scheme: light dark;
  --ground: #f6f7f9; --panel: #ffffff; --ink: #1b2430; --soft: #5b6776; --line: #e1e5ea;
  --accent: #2f6fde; --good: #167a4a; --bad: #b3362b; --bar: #dde4ee; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #12161b; --panel: #1b2128; --ink: #e7ecf2; --soft: #98a5b3; --line: #2c343d;
  --accent: #6ea0ff; --good: #5ccb93; --bad: #f08377; --bar: #2b333d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1340px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 18px; margin: 40px 0 12px; }
.sub, .note, .heard { color: var(--soft); }
.sub { margin: 0 0 24px; max-width: 75ch; }
.note, .heard { font-size: 13px; }
.cards { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; }
.label { color: var(--soft); font-size: 13px; }
.value { font-size: 30px; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.25; }
.scroll { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 9px 10px; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { font-size: 12px; font-weight: 600; color: var(--soft); vertical-align: bottom; }
td.num { white-space: nowrap; }
td.wide { min-width: 150px; }
tr.total td { font-weight: 600; border-top: 2px solid var(--line); }
.facts th { width: 220px; font-weight: 500; color: var(--soft); }
.bar { width: 100%; height: 12px; margin-top: 6px; border-radius: 3px; display: block; }
.bar .ground { fill: var(--bar); }
.bar .fill { fill: var(--accent); }
.bar .whisker { fill: var(--ink); stroke: var(--panel); stroke-width: 0.6; paint-order: stroke; }
.success { color: var(--good); font-weight: 600; } .failure { color: var(--bad); font-weight: 600; }
a { color: var(--accent); }
summary { cursor: pointer; color: var(--soft); margin-bottom: 10px; }
.videos { display: grid; gap: 18px; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); }
figure { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 10px;
  overflow: hidden; }
video { width: 100%; display: block; background: #000; }
figcaption { padding: 12px 14px; }
@media print { body { background: #fff; } .card, .scroll, figure { break-inside: avoid; } }
"""
