/** How the report looks: light and dark, wide and narrow, without anything from anywhere. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #3d444d); --soft: light-dark(#f6f8fa, #151b23);
  --text: light-dark(#1f2328, #f0f6fc); --faint: light-dark(#59636e, #9198a1); --page: light-dark(#ffffff, #0d1117);
  --create: light-dark(#1a7f37, #3fb950); --update: light-dark(#9a6700, #d29922); --delete: light-dark(#d1242f, #f85149);
  --accent: light-dark(#0969da, #4493f8); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 75rem; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.125rem; margin: 1.5rem 0 .5rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.faint { color: var(--faint); }
ul.problems { list-style: none; margin: 1rem 0; padding: 0; }
ul.problems li { border-left: .25rem solid var(--delete); background: var(--soft); margin: .25rem 0; padding: .375rem .75rem;
  overflow-wrap: anywhere; }
ul.problems li.warning { border-color: var(--update); }
ul.problems li.note { border-color: var(--accent); }
pre { background: var(--soft); border-radius: .375rem; margin: .5rem 0; padding: .5rem .75rem; white-space: pre-wrap; }
details.section { border: 1px solid var(--line); border-radius: .375rem; margin: .5rem 0; overflow-x: auto; }
details.section th, details.section td, details.section td code { overflow-wrap: break-word; }
details.section td:last-child, details.section td:last-child code { overflow-wrap: anywhere; }
details.section td:last-child { min-width: 6rem; }
h2 + .bar { margin-top: 0; } .bar + details.section { margin-top: 1rem; }
details.section > summary { cursor: pointer; padding: .5rem .75rem; font-weight: 600; }
details.section[open] > summary { border-bottom: 1px solid var(--line); }
details.section > :not(summary) { margin: .5rem .75rem; }
details.section > table, footer > table { width: calc(100% - 1.5rem); }
details.section tr:last-child > td { border-bottom: 0; }
details.section summary + p { color: var(--faint); }
footer { border-top: 1px solid var(--line); margin-top: 2rem; }
footer > table { width: auto; }
.bar { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr auto; gap: .75rem; align-items: center; margin: .25rem 0; }
.track { display: block; height: 1rem; background: var(--soft); border-radius: .25rem; overflow: hidden; }
.create { color: var(--create); } .update { color: var(--update); } .delete { color: var(--delete); }
form { display: flex; flex-wrap: wrap; gap: .5rem; position: sticky; top: 0; background: var(--page); padding: .5rem 0;
  border-bottom: 1px solid var(--line); }
form label { display: flex; flex-direction: column; font-size: .8125rem; color: var(--faint); flex: 1 1 9rem; }
form label:first-child { flex: 3 1 14rem; }
input, select, button { font: inherit; color: var(--text); background: var(--soft); border: 1px solid var(--line);
  border-radius: .375rem; padding: .375rem .625rem; min-width: 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
table { border-collapse: collapse; width: 100%; margin-top: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .375rem .5rem; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
th { color: var(--faint); font-weight: 600; font-size: .8125rem; }
thead th, #rows > tr > td:nth-child(-n+2) { overflow-wrap: break-word; }
details table { margin: .25rem 0; }
@media (max-width: 40rem) {
  thead { display: none; }
  #rows > tr { display: block; border-bottom: 1px solid var(--line); padding: .375rem 0; }
  #rows > tr > td { display: block; border: 0; padding: .0625rem .25rem; }
  details.section > table, details.section details > table { min-width: 30rem; }
  .bar { grid-template-columns: 1fr auto; } .track { grid-column: 1 / -1; }
}
`
