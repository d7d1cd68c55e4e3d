/** Lets a producer run ahead of its consumer, but not without bounds. */

/**
 * Yields what `source` yields, reading up to `depth` items ahead.
 *
 * @returns what `source` returns
 */
export async function* ahead<T, R>(source: AsyncGenerator<T, R>, depth: number): AsyncGenerator<T, R> {
  const ready: Promise<IteratorResult<T, R>>[] = []
  const read = () => {
    const next = source.next()
    // An error is thrown where the item is taken, not where it was read.
    next.catch(() => {})
    ready.push(next)
  }
  for (let index = 0; index < depth; index += 1) read()
  for (;;) {
    const result = await ready.shift()
    if (result === undefined) throw new Error('nothing was read ahead')
    if (result.done) return result.value
    read()
    yield result.value
  }
}
