import type { Logger } from 'pino'
import { type Classify, type GazetteerEntry, nothingHeard, type Suggestion } from '../classify/classifier.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { NoticeFacts } from '../notices/facts.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import { overtaken, StepRefused } from '../requests/apply.ts'
import { type Db, transaction } from '../store/db.ts'
import {
  countAttempt,
  countHeard,
  lockConversation,
  markHandled,
  saveConversation,
  type Talk,
  type Unread,
  waitingTurn,
} from '../store/messages.ts'
import type { Seal } from '../store/secrets.ts'
import type { DutyFacts } from '../store/staff.ts'
import { say } from '../texts/say.ts'
import { applyEffects } from './effects.ts'
import { gather, interpret, mostAMinute } from './hearing.ts'
import { loadView } from './load-view.ts'
import { callHuman } from './resident-human.ts'
import { type ConversationState, readState } from './state.ts'
import { turn } from './turn.ts'
import type { Ambiguous, Effect, Event, Turned } from './turned.ts'
import type { View } from './view.ts'

export interface RunDeps {
  readonly db: Db
  readonly seal: Seal
  readonly ring: Ring
  readonly classify: Classify
  readonly gazetteer: () => Promise<readonly GazetteerEntry[]>
  readonly calendar: () => Promise<Calendar>
  readonly facts: () => Promise<DutyFacts>
  readonly now: () => Date
  readonly quietMs: number
  readonly followUpMinutes: number
  readonly notices: Omit<NoticeFacts, 'places'>
  readonly deskUrl: (key: string) => string
  /** Recordings are written down by a machine here. */
  readonly transcribes: boolean
  readonly log: Logger
}

/** Turns that may fail on one message before a person gets it instead. */
const mostAttempts = 3
/** Times a turn is decided anew because somebody else changed the request in the meantime. */
const mostConflicts = 5

/**
 * Take the unread messages of one person, turn by turn, until none is due. Loads and classifies first with no lock held;
 * then, in one transaction: lock, check that nothing changed, decide, write everything, commit; then ring.
 */
export function makeRun(deps: RunDeps): (ids: { personId: number }) => Promise<void> {
  return async ({ personId }) => {
    for (;;) {
      const { waiting, talk } = await waitingTurn(deps.db, deps.seal, personId)
      const { directory } = await deps.facts()
      const isStaff = directory.some((colleague) => colleague.personId === personId)
      const flooding = waiting.length > 0 && !isStaff && (await floods(deps, personId))
      const group = gather(waiting, deps.now(), deps.quietMs, isStaff, flooding)
      if (group === undefined) return
      if ('at' in group) {
        await deps.ring([{ job: 'conversation', ids: { personId }, at: group.at }])
        return
      }
      const bells = await takeTurn(deps, personId, group.messages, talk, flooding)
      await deps
        .ring(bells ?? [])
        .catch((error: unknown) => deps.log.warn({ err: error }, 'bells not rung; the sweep will find the rows'))
      // What came meanwhile has rung a bell of its own; what another turn has taken is looked at anew.
      if (bells && group.messages.length === waiting.length) return
    }
  }
}

async function floods({ db, now }: RunDeps, personId: number): Promise<boolean> {
  return (await countHeard(db, personId, new Date(now().getTime() - 60_000))) > mostAMinute
}

/** @returns `undefined` when another turn has taken one of the messages: nothing was done. */
async function takeTurn(
  deps: RunDeps,
  personId: number,
  messages: readonly Unread[],
  seen: Talk,
  flooding: boolean,
): Promise<Bell[] | undefined> {
  const ids = messages.map((m) => m.id)
  const worn = messages.some((m) => m.attempts >= mostAttempts)
  try {
    let before = seen
    for (let conflict = 0; ; conflict++) {
      const manner = worn ? 'to a person' : conflict >= mostConflicts ? 'calmly' : 'as usual'
      try {
        return await oneTurn(deps, personId, messages, before, manner, flooding)
      } catch (error) {
        if (!(error instanceof StepRefused || overtaken(error)) || conflict > mostConflicts) throw error
      }
      const { waiting, talk } = await waitingTurn(deps.db, deps.seal, personId)
      if (!ids.every((id) => waiting.some((message) => message.id === id))) return undefined
      before = talk
    }
  } catch (error) {
    // Once logged, without a word of what was said; tried again, and then a person gets the message.
    deps.log.error({ err: error, personId, inbound: ids }, 'a turn failed')
    await countAttempt(deps.db, ids)
    throw error
  }
}

type Manner = 'as usual' | 'calmly' | 'to a person'

async function oneTurn(
  deps: RunDeps,
  personId: number,
  messages: readonly Unread[],
  before: Talk,
  manner: Manner,
  flooding: boolean,
): Promise<Bell[]> {
  const { db, seal } = deps
  const now = deps.now()
  const [calendar, gazetteer, people] = await Promise.all([deps.calendar(), deps.gazetteer(), deps.facts()])
  // Slow work first: no lock is held while a text is understood.
  const state = readState(before.stateSealed === null ? null : seal.open(before.stateSealed))
  // A message that keeps failing goes to a person unread: it may be the reading that fails.
  const classify = async (text: string): Promise<Suggestion> =>
    manner === 'to a person' ? nothingHeard : deps.classify(text, { gazetteer })
  const heard = await interpret(messages, state, classify)

  return transaction(db, async (tx) => {
    const bells: Bell[] = []
    const context = { tx, seal, bells, offerIds: [], calendar, people, now }
    const addressId = messages.at(-1)?.addressId
    if (addressId === undefined) return bells
    const ids = messages.map((message) => message.id)
    const { followUpMinutes, transcribes } = deps
    const notices = { ...deps.notices, places: gazetteer }
    // Sent together and carried out in order: the lock comes first, and what the view reads is read behind it.
    const who = lockConversation(tx, personId)
    const [talk, handled, { view, event }] = await Promise.all([
      who,
      markHandled(tx, ids, now),
      loadView({ ...context, personId, addressId, heard, gazetteer, followUpMinutes, transcribes, notices, who }),
    ])
    if (talk.version !== before.version || !handled) throw new StepRefused('changed', 'turn')
    const turned = decide(state, event, view, manner)
    if (turned === undefined) return bells
    const effects = flooding ? [...turned.effects, slowed(personId, now)] : turned.effects
    const key = `turn:${messages[0]?.id ?? 0}`
    await applyEffects({ ...context, personId, addressId, key, view, deskUrl: deps.deskUrl }, effects)
    saveConversation(tx, personId, seal.seal(turned.state), now)
    return bells
  })
}

/** Said once in a while, not to every message of the flood. */
const slowed = (personId: number, now: Date): Effect => ({
  do: 'say',
  text: say('slowed'),
  once: `slowed:${personId}:${Math.floor(now.getTime() / 600_000)}`,
})

/** The pure decision; a message that keeps failing goes to a person, one that keeps colliding gets a calm word. */
function decide(
  state: ConversationState,
  event: Event | Ambiguous | undefined,
  view: View,
  manner: Manner,
): Turned | undefined {
  if (event === undefined) return undefined
  if (manner === 'calmly')
    return { state, effects: [{ do: 'say', text: say(view.role === 'resident' ? 'stale' : 'staff.changed') }] }
  if (manner === 'to a person' && view.role === 'resident') {
    return callHuman({ ...state, at: { step: 'idle' } }, event.kind === 'said' ? event.text : '', view)
  }
  if (manner === 'to a person') return { state, effects: [{ do: 'say', text: say('staff.unknown') }] }
  return turn(state, event, view)
}
