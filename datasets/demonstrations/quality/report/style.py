"""What the quality page adds to the look of the evaluation report, and the few lines that sort its table."""

QUALITY_STYLE = """
.applied { fill: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 2; }
.measured { fill: none; stroke: var(--accent); stroke-width: 1.3; }
.cut { fill: var(--bad); opacity: 0.14; }
.fill { fill: var(--accent); } .ground { fill: var(--bar); } .thin { fill: var(--soft); }
.plot { width: 100%; display: block; } .plot text { fill: var(--soft); font-size: 11px; }
.panels { columns: 3 360px; column-gap: 14px; }
.panel { break-inside: avoid; margin: 0 0 14px; background: var(--panel); border: 1px solid var(--line);
  border-radius: 10px; padding: 14px 18px; }
.panel h3 { font-size: 14px; margin: 0 0 10px; } .panel p { margin: 8px 0 0; }
.count, .range { display: grid; gap: 10px; align-items: center; font-size: 13px; line-height: 1.7; }
.count { grid-template-columns: minmax(0, 1fr) 90px 32px 36px; }
.range { grid-template-columns: 150px 1fr 110px; }
.count .words { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.count .line { background: var(--bar); height: 8px; border-radius: 3px; }
.count i { background: var(--accent); display: block; height: 8px; border-radius: 3px; }
.count b { text-align: right; } small { color: var(--soft); }
.range svg { width: 100%; height: 10px; }
.starts { display: grid; gap: 10px; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); }
.starts img { width: 100%; display: block; border-radius: 6px; }
.starts figure { border: 0; border-radius: 6px; } .starts figcaption { padding: 4px 0 0; font-size: 12px; }
.joints { display: grid; gap: 8px; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));
  margin-top: 6px; }
figure.joint { border-radius: 6px; } figure.joint svg { width: 100%; display: block; }
figure.joint figcaption { padding: 2px 8px 4px; font-size: 12px; }
figure.joint figcaption span { color: var(--soft); float: right; }
.sheet { max-width: 100%; display: block; border-radius: 6px; }
.finding { margin: 0 0 2px; }
.tag { font-size: 12px; font-weight: 600; margin-right: 6px; white-space: nowrap; }
.error { color: var(--bad); } .warning { color: #a36a00; } .info { color: var(--soft); }
@media (prefers-color-scheme: dark) { .warning { color: #e6b450; } }
td.score { font-weight: 650; font-size: 17px; } code { font-size: 12.5px; }
th[data-sort] { cursor: pointer; } th[data-sort]:hover { color: var(--ink); }
th[aria-sort=ascending]::after { content: " \\2191"; } th[aria-sort=descending]::after { content: " \\2193"; }
.filter { margin: 0 0 10px; display: flex; gap: 14px; font-size: 13px; color: var(--soft); }
tbody.episode tr:first-child td { border-bottom: 0; padding-bottom: 4px; }
tbody.episode tr:last-child td { border-bottom: 1px solid var(--line); padding-bottom: 9px; }
tbody.episode tr.more td { padding-top: 0; }
tbody.episode summary { margin: 0; font-size: 13px; }
tbody.episode details[open] > summary { margin: 0 0 8px; }
.legend { font-size: 12px; color: var(--soft); margin: 10px 0 0; }
"""

SORT_SCRIPT = """
const table = document.querySelector("#episodes");
for (const head of table.querySelectorAll("th[data-sort]")) head.addEventListener("click", () => {
  const up = head.getAttribute("aria-sort") !== "ascending", key = head.dataset.sort;
  for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  const value = body => { const text = body.dataset[key], number = Number(text);
    return text !== "" && Number.isFinite(number) ? number : text; };
  const rows = [...table.tBodies].sort((a, b) => {
    const x = value(a), y = value(b);
    const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
    return up ? order : -order; });
  table.append(...rows);
});
for (const choice of document.querySelectorAll(".filter input")) choice.addEventListener("change", () => {
  for (const body of table.tBodies)
    body.hidden = choice.value !== "all" && body.dataset.severity !== choice.value;
});
"""
