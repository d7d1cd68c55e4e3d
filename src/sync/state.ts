/** What is known of one blueprint's entities: an identifier and a fingerprint for each mapped field, nothing more. */
import { ABSENT, type Fingerprint } from './fingerprint.ts'

/** Facts about an entity, as bits of one byte. */
const IN_PORT = 1
const OWNED = 2
const WANTED = 4
const WRITTEN = 8
const FAILED = 16
const SHARED = 32

/**
 * A table with a row for each entity. Fingerprints lie in one typed array, because a million small objects would cost
 * many times the memory of what they say.
 */
export class BlueprintState {
  readonly blueprint: string
  /** Names of the mapped fields, in the order of the columns. */
  readonly fields: readonly string[]
  /** Identifiers that wanted entities of any blueprint point to. */
  readonly referenced = new Set<string>()

  readonly #rows = new Map<string, number>()
  readonly #columns: ReadonlyMap<string, number>
  #facts = new Uint8Array(1024)
  #fingerprints: BigUint64Array
  /** For each field, the rank of whoever set it in this run; 0 for nobody. */
  #claims: Uint32Array

  constructor(blueprint: string, fields: readonly string[]) {
    this.blueprint = blueprint
    this.fields = fields
    this.#columns = new Map(fields.map((field, column) => [field, column]))
    this.#fingerprints = new BigUint64Array(this.#facts.length * fields.length)
    this.#claims = new Uint32Array(this.#facts.length * fields.length)
  }

  /** Takes in an entity as Port has it. */
  addActual(identifier: string, fingerprintOf: (field: string) => Fingerprint): void {
    const row = this.row(identifier)
    this.#mark(row, IN_PORT)
    for (const [column, field] of this.fields.entries())
      this.#fingerprints[this.#at(row, column)] = fingerprintOf(field)
  }

  /** Marks an entity as written by this installation. Unknown ones came to Port after it was read, and are left alone. */
  own(identifier: string): void {
    const row = this.#rows.get(identifier)
    if (row !== undefined) this.#mark(row, OWNED)
  }

  /** The row of an identifier; a new one where there is none. */
  row(identifier: string): number {
    const known = this.#rows.get(identifier)
    if (known !== undefined) return known
    const row = this.#rows.size
    if (row === this.#facts.length) this.#grow()
    this.#rows.set(identifier, row)
    return row
  }

  /** Whether there is a row for an identifier. */
  has(identifier: string): boolean {
    return this.#rows.has(identifier)
  }

  /** Whether Wiz has this entity, as far as was seen. */
  isWanted(identifier: string): boolean {
    const row = this.#rows.get(identifier)
    return row !== undefined && this.#has(row, WANTED)
  }

  /** Whether several objects of this run want the entity: none of them alone says what it is. */
  isShared(identifier: string): boolean {
    const row = this.#rows.get(identifier)
    return row !== undefined && this.#has(row, SHARED)
  }

  /** Whether this run has written the entity. */
  hasWritten(identifier: string): boolean {
    const row = this.#rows.get(identifier)
    return row !== undefined && this.#has(row, WRITTEN)
  }

  /** Whether Port has the entity, or will once what was planned is written. */
  isThere(identifier: string): boolean {
    const row = this.#rows.get(identifier)
    return row !== undefined && this.#has(row, IN_PORT | WRITTEN)
  }

  isInPort(row: number): boolean {
    return this.#has(row, IN_PORT)
  }

  isOwned(row: number): boolean {
    return this.#has(row, OWNED)
  }

  isWritten(row: number): boolean {
    return this.#has(row, WRITTEN)
  }

  /** Notes that Wiz has this entity, whatever becomes of it: a wanted entity is never stale. */
  want(row: number): void {
    this.#mark(row, this.#has(row, WANTED) ? WANTED | SHARED : WANTED)
  }

  /** Notes that Wiz has this entity, but that it cannot be written. */
  fail(row: number): void {
    this.#mark(row, WANTED | FAILED)
  }

  /** Notes that the entity is being written. */
  write(row: number): void {
    this.#mark(row, WRITTEN)
  }

  column(field: string): number {
    return this.#columns.get(field) ?? -1
  }

  fingerprint(row: number, column: number): Fingerprint {
    return this.#fingerprints[this.#at(row, column)] ?? ABSENT
  }

  /** All fingerprints of a row, in the order of the fields. */
  snapshot(row: number): BigUint64Array {
    return this.#fingerprints.slice(this.#at(row, 0), this.#at(row + 1, 0))
  }

  /** Whether a wanted object has set this field in this run. */
  isClaimed(row: number, column: number): boolean {
    return this.claimRank(row, column) > 0
  }

  /** The rank of whoever has set this field in this run; 0 for nobody. */
  claimRank(row: number, column: number): number {
    return this.#claims[this.#at(row, column)] ?? 0
  }

  /** @param rank greater than 0 */
  claim(row: number, column: number, fingerprint: Fingerprint, rank: number): void {
    this.#fingerprints[this.#at(row, column)] = fingerprint
    this.#claims[this.#at(row, column)] = rank
  }

  /** Entities of this installation in Port, as they were read. */
  get ownedCount(): number {
    return this.#count(OWNED)
  }

  /** Wanted entities that Port has already, field by field. */
  get unchangedCount(): number {
    let count = 0
    for (let row = 0; row < this.#rows.size; row += 1) {
      if (((this.#facts[row] ?? 0) & (IN_PORT | WANTED | WRITTEN | FAILED)) === (IN_PORT | WANTED)) count += 1
    }
    return count
  }

  /** Identifiers of owned entities that Wiz no longer has and that nothing wanted points to, sorted. */
  stale(): string[] {
    const stale: string[] = []
    for (const [identifier, row] of this.#rows) {
      if (this.isOwned(row) && !this.#has(row, WANTED) && !this.referenced.has(identifier)) stale.push(identifier)
    }
    return stale.sort()
  }

  #count(fact: number): number {
    let count = 0
    for (let row = 0; row < this.#rows.size; row += 1) if (this.#has(row, fact)) count += 1
    return count
  }

  #at(row: number, column: number): number {
    return row * this.fields.length + column
  }

  #has(row: number, fact: number): boolean {
    return ((this.#facts[row] ?? 0) & fact) !== 0
  }

  #mark(row: number, fact: number): void {
    this.#facts[row] = (this.#facts[row] ?? 0) | fact
  }

  #grow(): void {
    const capacity = this.#facts.length * 2
    const facts = new Uint8Array(capacity)
    facts.set(this.#facts)
    const fingerprints = new BigUint64Array(capacity * this.fields.length)
    fingerprints.set(this.#fingerprints)
    const claims = new Uint32Array(capacity * this.fields.length)
    claims.set(this.#claims)
    this.#facts = facts
    this.#fingerprints = fingerprints
    this.#claims = claims
  }
}
