"""How the judge's page looks: light or dark as the reader has it, and on paper."""

SHEET = """
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1d1c1a; --faint: #6d6a63; --rule: #dcd8cf;
  --mark: #27577f; --bad: #9c3324; --good: #2f6b3c; --card: #f3f0e9; }
@media (prefers-color-scheme: dark) { :root { --paper: #161514; --ink: #ebe7df; --faint: #a39e94; --rule: #3a3733;
  --mark: #8fbfe8; --bad: #ee8f7f; --good: #8ccb97; --card: #211f1d; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 5rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.5 "EB Garamond", "Iowan Old Style", Georgia, "Times New Roman", serif; }
h1 { font-size: 2.1rem; font-weight: 500; line-height: 1.15; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; font-weight: 500; margin: 3.2rem 0 .6rem; padding-top: .6rem;
  border-top: 1px solid var(--rule); }
h3 { font-size: 1.05rem; font-weight: 600; margin: 1.6rem 0 .4rem; }
p { max-width: 42rem; margin: .5rem 0; }
.small, figcaption, table, .card, svg text, nav, dl { font-family: "Hanken Grotesk", system-ui, "Segoe UI",
  "Liberation Sans", Arial, sans-serif; }
.small { color: var(--faint); font-size: .84rem; overflow-wrap: anywhere; }
a { color: var(--mark); }
nav { font-size: .84rem; margin: 1rem 0 0; } nav a { margin-right: 1rem; white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); gap: .75rem;
  margin: 1.2rem 0; }
.card { background: var(--card); padding: .8rem .9rem .7rem; border-radius: 3px; break-inside: avoid;
  display: flex; flex-direction: column; }
.card b { display: block; font-size: 1.65rem; font-weight: 500; line-height: 1.2; font-variant-numeric: tabular-nums; }
.card .told { font-size: .84rem; line-height: 1.35; flex: 1; }
.card .goal { font-size: .8rem; color: var(--faint); margin-top: .45rem; }
.yes { color: var(--good); } .no { color: var(--bad); }
.card b.yes, .card b.no { color: inherit; }
svg { display: block; width: 100%; height: auto; overflow: visible; fill: var(--mark); }
svg text { font-size: 11px; fill: var(--faint); } svg text.value { fill: var(--ink); paint-order: stroke;
  stroke: var(--paper); stroke-width: 3px; }
svg circle { fill: var(--mark); opacity: .55; } svg .rule { stroke: var(--rule); }
svg .mean { stroke: var(--ink); stroke-width: 2; }
svg polyline { fill: none; stroke: var(--mark); stroke-width: 1.2; opacity: .55; }
svg polyline.line1 { stroke: var(--ink); stroke-width: 2; opacity: 1; }
svg.gauge { height: 10px; margin-top: .5rem; } svg.gauge .rest { fill: var(--rule); }
svg.gauge .goal { stroke: var(--ink); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.8rem 2.6rem; }
.plots.one { max-width: 34rem; }
figure { margin: 0; break-inside: avoid; } figcaption { font-size: .88rem; margin-bottom: .4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .86rem; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .34rem .6rem .34rem 0; text-align: right; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { font-weight: 600; } th:first-child, td:first-child { text-align: left; }
thead th { vertical-align: bottom; } td.name { min-width: 13rem; line-height: 1.35; } td.goal { color: var(--faint); }
td code { display: block; color: var(--faint); font-size: .74rem; }
td.own { font-weight: 600; white-space: nowrap; } td { white-space: nowrap; } td.name { white-space: normal; }
table.heat { width: auto; border-collapse: separate; border-spacing: 2px; }
table.heat td, table.heat th { border: 0; padding: .3rem .15rem; text-align: center; min-width: 2.6rem;
  font-size: .76rem; }
table.heat td { background: color-mix(in srgb, var(--mark) calc(var(--v) * 62%), var(--card));
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
table.heat th:first-child { text-align: right; padding-right: .4rem; } table.heat td.hit { font-weight: 700; }
@media (max-width: 32rem) { table.heat td, table.heat th {
  min-width: 1.7rem; font-size: .62rem; padding: .3rem .05rem; } }
.texts { columns: 19rem 3; column-gap: 2.2rem; margin-top: .8rem; }
.text { break-inside: avoid; margin: 0 0 1.15rem; }
.text q { display: block; quotes: none; color: var(--faint); font: .78rem/1.4 "Hanken Grotesk", system-ui, sans-serif;
  margin-bottom: .1rem; overflow-wrap: anywhere; }
.text div, .stream { white-space: pre-line; overflow-wrap: anywhere; }
.stream { columns: 26rem 2; column-gap: 2.6rem; }
dl { font-size: .84rem; display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .3rem 0 0; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
ol.how { padding-left: 1.2rem; max-width: 44rem; } ol.how li { margin: .3rem 0; }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #111; --faint: #666; --rule: #ddd; --mark: #27577f;
    --bad: #9c3324; --good: #2f6b3c; --card: #f6f6f6; }
  th, td { padding-top: .18rem; padding-bottom: .18rem; }
  tr { break-inside: avoid; }
  body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; }
  .wide { overflow: visible; }
  .card { border: 1px solid var(--rule); } h2 { break-after: avoid; } h3 { break-after: avoid; } }
"""
