import { IANAZone } from 'luxon'

/** The zone of this IANA name. Its offsets are remembered: asking the platform for one costs more than a whole decision. */
export function zoneNamed(name: string): IANAZone {
  const known = zones.get(name) ?? new RememberingZone(name)
  zones.set(name, known)
  return known
}

const zones = new Map<string, RememberingZone>()

/** Offsets in use today change on a quarter of an hour, nowhere else. */
const quarterMs = 15 * 60_000
/** The span of moments that a running program asks about is days; a long simulation starts anew. */
const most = 10_000

class RememberingZone extends IANAZone {
  readonly #offsets = new Map<number, number>()

  override offset(ms: number): number {
    const quarter = Math.floor(ms / quarterMs)
    const known = this.#offsets.get(quarter)
    if (known !== undefined) return known
    if (this.#offsets.size >= most) this.#offsets.clear()
    const offset = super.offset(ms)
    if (Number.isFinite(offset)) this.#offsets.set(quarter, offset)
    return offset
  }
}
