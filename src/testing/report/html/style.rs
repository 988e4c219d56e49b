//! How the page looks: on paper, on a phone, in the dark.

pub(super) const STYLE: &str = r#"
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --card: #ffffff; --text: #1d1f23; --soft: #62666e; --rule: #dcdcd6;
  --bad: #c3272b; --bad-soft: #fbe9e8; --good: #1f7a45; --good-soft: #e6f3ea;
  --odd: #8f5f00; --odd-soft: #faf0d9; --a: #2b62c0; --b: #8a3fb0; --c: #0c7c83;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1d2025; --text: #e6e7ea; --soft: #a0a5ae; --rule: #363a42;
    --bad: #ff7b76; --bad-soft: #3a1f20; --good: #6ed096; --good-soft: #17301f;
    --odd: #e7b75a; --odd-soft: #362b14; --a: #86aefc; --b: #d09af0; --c: #66cdd3;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 20px 16px 48px; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.05rem; margin: 0 0 10px; }
p { margin: 6px 0; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; font-size: 0.85em; }
pre { margin: 0; padding: 10px 12px; white-space: pre-wrap; background: var(--page); border-radius: 6px; }
section, header { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 16px; margin-bottom: 14px; }
header { border-left: 8px solid var(--tone); }
header.leaked { --tone: var(--bad); } header.isolated { --tone: var(--good); } header.vacuous { --tone: var(--odd); }
.word { color: var(--tone); font-weight: 700; text-transform: uppercase; letter-spacing: 0.06em; font-size: 0.85rem; }
.soft, .none { color: var(--soft); }
.pair { display: grid; gap: 14px; grid-template-columns: minmax(0, 1fr); }
.pair > section { margin-bottom: 0; }
.pair { margin-bottom: 14px; }
@media (min-width: 800px) { .pair { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
ul.plain { list-style: none; margin: 0; padding: 0; }
ul.plain > li { padding: 10px 0; border-top: 1px solid var(--rule); }
ul.plain > li:first-child { border-top: 0; padding-top: 0; }
ul.plain > li:last-child { padding-bottom: 0; }
li code { display: block; margin-top: 6px; padding: 6px 8px; background: var(--bad-soft); border-radius: 6px; }
.odd { background: var(--odd-soft); color: var(--odd); border-radius: 6px; padding: 8px 10px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-family: inherit; }
.curve text { font-size: 12px; }
svg .column { text-anchor: middle; } svg .row, svg .end { text-anchor: end; }
.frame { fill: none; stroke: var(--rule); }
.own { fill: var(--soft); opacity: 0.45; } .blind { fill: none; stroke: var(--odd); stroke-width: 1.5; }
.leak { fill: var(--bad); }
.grid { stroke: var(--rule); } .line { fill: none; stroke: var(--a); stroke-width: 2; stroke-linejoin: round; }
.area { fill: var(--a); opacity: 0.12; }
.timeline { list-style: none; margin: 12px 0 0; padding: 0; display: grid; gap: 6px; grid-template-columns: repeat(var(--lanes), minmax(0, 1fr)); }
.moment { --lane: var(--a); border-left: 3px solid var(--lane); padding: 5px 8px; background: var(--page); border-radius: 0 6px 6px 0; font-size: 0.92rem; }
.moment.b { --lane: var(--b); } .moment.c { --lane: var(--c); }
.who { color: var(--lane); font-weight: 600; }
.step { color: var(--soft); font-size: 0.8em; white-space: nowrap; }
.moment.stops { border-left-style: dashed; }
.moment.fault { background: var(--odd-soft); }
.moment.sees { background: var(--bad-soft); --lane: var(--bad); }
.moment code { background: var(--card); }
.switch { grid-column: 1 / -1; display: flex; align-items: center; gap: 10px; color: var(--soft); font-size: 0.8rem; }
.switch::before, .switch::after { content: ""; flex: 1; border-top: 1px dashed currentColor; }
.switch.forced { color: var(--bad); font-weight: 600; }
@media (max-width: 520px) { .curve text { font-size: 17px; } main { padding: 10px 8px 32px; } section, header { padding: 12px; } .moment { padding: 5px 6px; font-size: 0.86rem; } }
@media print { body { background: none; } section, header { break-inside: avoid; } }
"#;
