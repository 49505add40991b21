import { languageOf, turnsTo } from '../classify/language.ts'
import { normalise } from '../classify/normalise.ts'
import { changes, type Preference, type Preferences, preferenceIn } from '../domain/preferences.ts'
import { say } from '../texts/say.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Turned } from './turned.ts'
import type { ResidentView } from './view.ts'

/** 怎么和我说话: "再说一遍", "大字", "只能打字", "English" … in any state, alone or as one line among others. */

export interface PreferencesSaid {
  readonly wishes: readonly Preference[]
  /** What was said besides. */
  readonly rest: string
}

export function preferencesSaid(text: string): PreferencesSaid | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const wishes = lines.flatMap((line) => preferenceIn(normalise(line)) ?? [])
  if (wishes.length === 0) return undefined
  return { wishes, rest: lines.filter((line) => preferenceIn(normalise(line)) === undefined).join('\n') }
}

/** Remembered, told to whoever works on it, and answered; then the last question stands again, in the new words. */
export function prefer(state: ConversationState, { wishes, rest }: PreferencesSaid, view: ResidentView): Turned {
  const remembered = remember(wishes, view)
  if (rest !== '') return { state, effects: remembered }
  const { lastSaid } = view
  const again = wishes.includes('again')
  const answers = wishes.flatMap((wish) => (wish === 'again' ? [] : [say(`prefer.${wish}`)]))
  const repeated = lastSaid && (again || lastSaid.choices.length > 0) ? lastSaid : undefined
  const text = [...answers, ...(repeated ? [repeated.text] : again ? [say('prefer.again.none')] : [])].join('\n\n')
  const choices = repeated?.choices ?? []
  const answer: Effect = {
    do: 'say',
    text,
    ...(choices.length > 0 ? { choices } : {}),
    ...(repeated?.requestId ? { requestId: repeated.requestId } : {}),
  }
  return { state, effects: [...remembered, answer] }
}

/** Without a word about it: who writes English or 繁體 is answered so, until they choose otherwise. */
export function follow(text: string, view: ResidentView): Effect[] {
  const { language, languageChosen } = view.preferences
  const written = languageChosen ? undefined : turnsTo(text, language)
  return written === undefined ? [] : [{ do: 'prefer', change: { language: written } }]
}

/** Neither Chinese nor English: a person has to read it. */
export const isForeign = (text: string): boolean => languageOf(text) === 'other'

// --- internal

type ForColleagues = Exclude<Preference, 'again' | 'big' | 'usual'>
const isForColleagues = (wish: Preference): wish is ForColleagues =>
  wish !== 'again' && wish !== 'big' && wish !== 'usual'

function remember(wishes: readonly Preference[], view: ResidentView): Effect[] {
  const change: Partial<Preferences> = Object.assign({}, ...wishes.map((wish) => changes[wish]))
  if (Object.keys(change).length === 0) return []
  const lasting = wishes.filter(isForColleagues)
  const told = view.requests.flatMap((request): Effect[] => {
    const to = request.assignee?.personId
    if (typeof to !== 'number' || lasting.length === 0) return []
    const what = lasting.map((wish) => say(`wish.${wish}`)).join('、')
    return [{ do: 'say', to, requestId: request.id, text: say('staff.prefers', { number: request.number, what }) }]
  })
  return [{ do: 'prefer', change }, ...told]
}
