import type { Voice } from '../domain/preferences.ts'
import type { Outbound } from '../domain/words.ts'
import { en, type SpokenKey } from './en.ts'
import { englishDetails } from './english-details.ts'
import { foldMarks, hasMarks } from './marks.ts'
import { zhPlain } from './plain.ts'
import { zh } from './say.ts'
import { enTextOnly, zhTextOnly } from './text-only.ts'
import { traditional } from './traditional.ts'

/**
 * The words of a message, as this person wants to be spoken to. What residents read keeps its key until here, the last
 * step before the channel: said again in another language, it is the same message.
 */
export function voiced(text: string, voice: Voice): string {
  if (!hasMarks(text)) return text
  const words = foldMarks(text, (key, places) => {
    const template = templateOf(key, voice)
    if (template === undefined) return Object.values(places).join(' ') // a key of another version: never nothing at all
    const said = voice.language === 'en' ? mapValues(places, englishDetails) : places
    return template.replace(/\{(\w+)\}/g, (whole, name: string) => said[name] ?? whole)
  })
  const spaced = voice.slowly ? oneSentenceALine(words) : words
  return voice.language === 'zh-Hant' ? traditional(spaced) : spaced
}

/** In the words everybody else reads: what is written down, shown to colleagues, compared. */
export const inChinese = (text: string): string => voiced(text, plainly)
const plainly: Voice = { language: 'zh', plainWords: false, slowly: false, textOnly: false }

export function voicedOutbound(message: Outbound, voice: Voice): Outbound {
  const choices = message.choices?.map((choice) => ({
    ...choice,
    label: voiced(choice.label, { ...voice, slowly: false }),
  }))
  return { ...message, text: voiced(message.text, voice), ...(choices ? { choices } : {}) }
}

/** Do the words of this message depend on who reads it? */
export const isVoiced = (message: Outbound): boolean =>
  hasMarks(message.text) || (message.choices ?? []).some((choice) => hasMarks(choice.label))

/** The safest wording wins: no telephone for who cannot use one, then plain words, then the usual. */
function templateOf(key: string, voice: Voice): string | undefined {
  if (!isSpoken(key)) return undefined
  if (voice.language === 'en') return (voice.textOnly ? find(enTextOnly, key) : undefined) ?? en[key]
  return (
    (voice.textOnly ? find(zhTextOnly, key) : undefined) ??
    (voice.plainWords ? find(zhPlain, key) : undefined) ??
    zh[key]
  )
}

const isSpoken = (key: string): key is SpokenKey => Object.hasOwn(en, key)

const find = (catalogue: Partial<Record<SpokenKey, string>>, key: SpokenKey): string | undefined => catalogue[key]

const mapValues = (places: Readonly<Record<string, string>>, change: (value: string) => string) =>
  Object.fromEntries(Object.entries(places).map(([name, value]) => [name, change(value)]))

const oneSentenceALine = (text: string): string =>
  text.replace(/([。！？.!?])[ \t]*(?=[^\n\d])/gu, '$1\n').replace(/\n+/g, '\n\n')
