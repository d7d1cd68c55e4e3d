/** HTML that a job summary is put together from. */

const MAX_ROWS = 100

/** Cells are HTML already. */
export function table(head: readonly string[], rows: readonly string[][], total: number = rows.length): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
  const body = limited(
    rows.map(cells => line(cells, 'td')),
    total,
    head.length,
  )
  return `<table>\n${line(head, 'th')}\n${body}\n</table>`
}

export function details(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`
}

/** The first lines, and how many there are besides. */
export function limited(lines: readonly string[], total: number = lines.length, columns = 1): string {
  const shown = lines.slice(0, MAX_ROWS)
  const rest = total - shown.length
  if (rest <= 0) return shown.join('\n')
  const note = `… and ${format(rest)} more; the report file has up to 10,000`
  return [...shown, columns > 1 ? `<tr><td colspan="${columns}">${note}</td></tr>` : `<li>${note}</li>`].join('\n')
}

export function format(count: number): string {
  return count.toLocaleString('en-US')
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
