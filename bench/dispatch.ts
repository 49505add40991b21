import { officeSpans } from '../src/domain/calendar.ts'
import { onDuty, type Rota, type ShiftRule } from '../src/domain/duty.ts'
import { dutyBook, pagesFor } from '../src/domain/duty-book.ts'
import { type ActiveContract, fairTurn, type Plea, type StaffRole } from '../src/domain/policy.ts'
import { programmes } from '../src/domain/taxonomy.ts'

/**
 * Decision time: who is offered a plea, from the rota to the ordered candidates with their reasons, from 10 staff and 4
 * contracts to 10,000 and 1,000. Beside it the same rule over the whole district, which is what it would cost without
 * opening the duty book at the right page. `npm run bench:dispatch`
 */

interface Colleague {
  readonly id: number
  readonly agencyId: number
  readonly role: StaffRole
  readonly personId: number
  readonly skills: readonly string[]
  readonly loadLimit: number
}

const calendar = { zone: 'Asia/Shanghai', days: new Map(), spans: officeSpans }
const at = new Date('2026-11-23T10:00:00+08:00')

function district(staff: number, contracts: number) {
  // An agency holds four contracts, one a programme, in three communities; staff are spread evenly.
  const agencies = Math.max(1, Math.round(contracts / 4))
  const directory: Colleague[] = Array.from({ length: staff }, (_, i) => ({
    id: i + 1,
    agencyId: (i % agencies) + 1,
    role: 'social_worker',
    personId: i + 1,
    skills: i % 3 === 0 ? ['nursing', 'crisis'] : [],
    loadLimit: 8,
  }))
  const bought: ActiveContract[] = Array.from({ length: contracts }, (_, i) => {
    const agencyId = (i % agencies) + 1
    return {
      contractId: i + 1,
      agencyId,
      agency: `示例${agencyId}`,
      programme: programmes[Math.floor(i / agencies) % 4] ?? 'elder',
      programmeName: '示例',
      communityIds: [agencyId * 3, agencyId * 3 + 1, agencyId * 3 + 2],
      usedUp: false,
    }
  })
  const shifts: ShiftRule[] = directory.map((person) => ({
    staffId: person.id,
    tier: person.id % 2 === 0 ? 'primary' : 'backup',
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    fromMinute: 0,
    toMinute: 0,
    days: 'every_day',
    validFrom: '2026-01-01',
    validTo: null,
    programme: null,
    communityIds: [],
  }))
  return { directory, contracts: bought, shifts, exceptions: [], swaps: [], agencies }
}

type District = ReturnType<typeof district>

function plea(d: District, i: number): Plea {
  const agency = (i % d.agencies) + 1
  return {
    urgency: 'soon',
    programmes: [programmes[i % 4] ?? 'elder'],
    needs: ['nursing'],
    communityId: agency * 3,
    givenUpBy: null,
    referredToId: null,
    wants: [],
    knownBy: [],
    servedUnder: [],
  }
}

function decide(
  pages: Rota & { readonly contracts: readonly ActiveContract[] },
  people: readonly Colleague[],
  asked: Plea,
) {
  const duty = new Map(onDuty(pages, calendar, at).map((d) => [d.staffId, d]))
  const available = people.flatMap((person) => {
    const on = duty.get(person.id)
    return on ? [{ ...person, ...on, load: 1, lastOfferedAt: null }] : []
  })
  return fairTurn(asked, pages.contracts, available, [])
}

/** Microseconds a decision, the median of several rounds. */
function time(rounds: number, perRound: number, work: (i: number) => unknown): number {
  const took: number[] = []
  for (let round = 0; round < rounds + 2; round++) {
    const began = performance.now()
    for (let i = 0; i < perRound; i++) work(round * perRound + i)
    took.push(((performance.now() - began) / perRound) * 1000)
  }
  return took.slice(2).sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
}

const sizes = [
  [10, 4],
  [100, 40],
  [1_000, 400],
  [2_500, 1_000],
  [10_000, 1_000],
] as const
// The decisions of every size first, so that none is measured on a heap that a longer run has filled.
const measured = sizes.map(([staff, contracts]) => {
  const d = district(staff, contracts)
  const book = dutyBook(d)
  const decision = time(15, 400, (i) => {
    const asked = plea(d, i)
    const pages = pagesFor(book, asked)
    return decide(pages, pages.colleagues, asked)
  })
  const opened = time(3, 1, () => dutyBook(d)) / 1000
  return { staff, contracts, d, decision, opened, page: pagesFor(book, plea(d, 0)).colleagues.length }
})
const smallest = measured[0]?.decision ?? 1
console.log('staff  contracts  on one page  decision µs  growth   whole district µs   laying the book open ms')
for (const { staff, contracts, d, decision, opened, page } of measured) {
  const whole = time(3, staff > 1_000 ? 2 : 20, (i) => decide(d, d.directory, plea(d, i)))
  console.log(
    [
      String(staff).padStart(5),
      String(contracts).padStart(9),
      String(page).padStart(11),
      decision.toFixed(0).padStart(11),
      `${(decision / smallest).toFixed(2)}×`.padStart(6),
      whole.toFixed(0).padStart(17),
      opened.toFixed(1).padStart(20),
    ].join('  '),
  )
}
