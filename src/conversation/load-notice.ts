import type { Voice } from '../domain/preferences.ts'
import type { Choice } from '../domain/words.ts'
import { readOutbound } from '../outbox/outbound.ts'
import { broadcast } from '../store/broadcasts.ts'
import type { Tx } from '../store/db.ts'
import type { OpenMenu } from '../store/outbox.ts'
import { noticeFor } from '../store/recipients.ts'
import type { Seal } from '../store/secrets.ts'
import { firstWords } from '../texts/notice-card.ts'
import { inChinese, voiced } from '../texts/voice.ts'
import type { Heard } from './hearing.ts'
import { isNoticeWish, mayConcernNotice, meantBy } from './notice-heard.ts'
import type { Ambiguous, Event } from './turned.ts'
import type { ResidentView } from './view.ts'

/** Where something was heard, and what it may refer to is looked up with. */
export interface Referring {
  readonly tx: Tx
  readonly seal: Seal
  readonly personId: number
  readonly addressId: number
  readonly heard: Heard
  readonly now: Date
}

/** How long an unclear word may still be an answer to a notice. */
const answersForMs = 48 * 3_600_000
/** 详情 or 谁发的, said in so many words, may come later. */
const asksForMs = 14 * 24 * 3_600_000

/**
 * A number or a label typed instead of tapped. A reply to one message of ours means that message; with several offers open a
 * bare number could mean any and chooses none; a notice and a question may both fit.
 */
export function chosenByWords(
  loading: Referring,
  open: readonly OpenMenu[],
  heard: Heard & { kind: 'said' },
  isStaff: boolean,
  voice: Voice,
): Choice | Ambiguous | undefined {
  // 取消报名 holds the word 报名: what is said in so many words is no choice.
  if (!isStaff && isNoticeWish(heard.text)) return undefined
  const menus = open.map((menu) => {
    const { choices = [], text } = readOutbound(loading.seal.open(menu.bodySealed))
    return { choices, first: firstWords(inChinese(text)), externalId: menu.externalId, addressId: menu.addressId }
  })
  const repliedTo = menus.filter(
    (menu) => heard.replyTo !== undefined && menu.externalId === heard.replyTo && menu.addressId === loading.addressId,
  )
  const talk = menus.filter(({ choices }) => !choices.every(({ token }) => token.startsWith('n:')))
  const isOffer = ({ choices }: { choices: readonly Choice[] }) => choices.some((c) => c.token.startsWith('o:acc'))
  const [newest, ...older] = talk
  if (isStaff && newest && isOffer(newest) && older.some(isOffer)) return undefined
  const asked = repliedTo.length > 0 ? repliedTo : menus
  // They may answer in the words they read or in the Chinese ones.
  const meant = (words: (label: string) => string) =>
    meantBy(
      heard.text,
      asked.map((menu) => ({ ...menu, choices: labelled(menu.choices, words) })),
      !isStaff,
    )
  return meant((label) => voiced(label, voice)) ?? meant(inChinese)
}

const labelled = (choices: readonly Choice[], words: (label: string) => string): Choice[] =>
  choices.map(({ token, label }) => ({ token, label: words(label) }))

/** The notice that the words may be about. */
export async function noticeInView(
  { tx, personId, addressId, heard, now }: Referring,
  event: Event | undefined,
): Promise<ResidentView['notice']> {
  const replyTo = heard.kind === 'said' ? heard.replyTo : undefined
  const held = event?.kind === 'chose' && event.token === 'q:unsure:notice'
  if (replyTo !== undefined) {
    const replied = await noticeFor(tx, personId, { since: now, replyTo: { addressId, externalId: replyTo } })
    if (replied) return seen(tx, replied.broadcastId, true)
  }
  if (!held && !(event?.kind === 'said' && mayConcernNotice(event))) return undefined
  const named = held || (event?.kind === 'said' && isNoticeWish(event.text))
  const newest = await noticeFor(tx, personId, { since: new Date(now.getTime() - (named ? asksForMs : answersForMs)) })
  return newest && seen(tx, newest.broadcastId, false)
}

async function seen(tx: Tx, id: number, replied: boolean): Promise<ResidentView['notice']> {
  const row = await broadcast(tx, id)
  return row && { id, text: row.text, replied }
}
