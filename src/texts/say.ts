import { en } from './en.ts'
import { markText } from './marks.ts'
import { zhCrisis } from './zh-crisis.ts'
import { zhDesk } from './zh-desk.ts'
import { zhDuty } from './zh-duty.ts'
import { zhLedger } from './zh-ledger.ts'
import { zhMedia } from './zh-media.ts'
import { zhMerge } from './zh-merge.ts'
import { zhMerged } from './zh-merged.ts'
import { zhNeed } from './zh-need.ts'
import { zhNotice } from './zh-notice.ts'
import { zhRehearsal } from './zh-rehearsal.ts'
import { zhResident } from './zh-resident.ts'
import { zhRotaFile } from './zh-rota-file.ts'
import { zhStaff } from './zh-staff.ts'
import { zhWays } from './zh-ways.ts'
import { zhWords } from './zh-words.ts'

/** Every sentence Linbang can say, by key. Another language is another catalogue with the same keys. */
export const zh = {
  ...zhResident,
  ...zhCrisis,
  ...zhWays,
  ...zhStaff,
  ...zhDuty,
  ...zhLedger,
  ...zhNotice,
  ...zhDesk,
  ...zhNeed,
  ...zhMerge,
  ...zhMerged,
  ...zhMedia,
  ...zhRehearsal,
  ...zhRotaFile,
  ...zhWords,
} as const

export type TextKey = keyof typeof zh

/** The `{names}` in a text; a missing or misspelt one does not compile. */
type Places<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Places<Rest> : never
type Said<K extends TextKey> = Record<Places<(typeof zh)[K]>, string | number>

/**
 * The text for a key with its places filled in. What a person typed may stand in a place: it is never read for places again.
 * A text that residents read keeps its key until it leaves (`voice.ts`), because each of them reads it in their own way.
 */
export function say<K extends TextKey>(
  key: K,
  ...[said]: [Places<(typeof zh)[K]>] extends [never] ? [] : [Said<K>]
): string {
  const places: Record<string, string | number> = said ?? {}
  if (Object.hasOwn(en, key)) return markText(key, places)
  const text: string = zh[key]
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in places ? String(places[name]) : whole))
}
