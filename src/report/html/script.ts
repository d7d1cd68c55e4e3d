/**
 * What the report does in a browser: filters its operations. It reads the data from the page, makes elements and sets
 * texts, and never markup: whatever is in the data stays text.
 */
export const SCRIPT = `
'use strict'
const report = JSON.parse(document.getElementById('data').textContent)
const PAGE = 200
const CAUSES = { mapping: 'changed by the mapping', wiz: 'changed in Wiz', drift: 'changed by somebody else in Port',
  unmapped: 'no longer mapped', '': 'not known' }
const changes = new Map(report.changes.map(one => [one.blueprint + '\\u0000' + one.identifier, one.fields]))
const rows = report.operations.map(one => ({
  ...one,
  cause: one.cause || '',
  text: [one.blueprint, one.identifier, one.title || '', ...one.fields].join(' ').toLowerCase(),
}))
const at = id => document.getElementById(id)
const make = (tag, text, name) => {
  const element = document.createElement(tag)
  if (text !== undefined) element.textContent = text
  if (name !== undefined) element.className = name
  return element
}

function choose(id, values, names) {
  for (const value of [...new Set(values)].sort()) {
    const option = make('option', names ? names[value] : value)
    option.value = value
    at(id).append(option)
  }
}
choose('blueprint', rows.map(one => one.blueprint))
choose('action', rows.map(one => one.action))
choose('cause', rows.map(one => one.cause), CAUSES)

function fieldsOf(one) {
  const cell = make('td')
  const known = changes.get(one.blueprint + '\\u0000' + one.identifier)
  if (one.action === 'update' && known && known.some(({ values }) => values)) {
    const details = make('details')
    details.append(make('summary', one.fields.join(', ')))
    const table = make('table')
    for (const { field, values } of known) {
      const line = make('tr')
      line.append(make('td', field), make('td', JSON.stringify(values.before)), make('td', JSON.stringify(values.after)))
      table.append(line)
    }
    details.append(table)
    cell.append(details)
  } else cell.textContent = one.fields.join(', ')
  return cell
}

function rowOf(one) {
  const row = make('tr')
  const name = make('td', one.title || '')
  name.append(one.title ? document.createElement('br') : '', make('code', one.identifier))
  const fields = fieldsOf(one)
  row.append(make('td', one.action, one.action), make('td', one.blueprint), name, fields, make('td', CAUSES[one.cause]))
  return row
}

let found = []
function show(from) {
  if (from === 0) at('rows').replaceChildren()
  at('rows').append(...found.slice(from, from + PAGE).map(rowOf))
  const shown = Math.min(found.length, from + PAGE)
  at('count').textContent = found.length.toLocaleString('en-US') + ' of ' + rows.length.toLocaleString('en-US') +
    ' operations, ' + shown.toLocaleString('en-US') + ' shown'
  at('more').hidden = shown === found.length
  at('more').onclick = () => show(shown)
}

function filter() {
  const words = at('search').value.toLowerCase().split(/\\s+/).filter(Boolean)
  const [blueprint, action, cause] = ['blueprint', 'action', 'cause'].map(id => at(id).value)
  found = rows.filter(one =>
    (blueprint === '*' || one.blueprint === blueprint) && (action === '*' || one.action === action) &&
    (cause === '*' || one.cause === cause) && words.every(word => one.text.includes(word)))
  show(0)
}
at('filter').addEventListener('input', filter)
at('filter').addEventListener('submit', event => event.preventDefault())
filter()
`
