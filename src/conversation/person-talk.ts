import { normalise } from '../classify/normalise.ts'
import { say } from '../texts/say.ts'
import { answer } from './intake.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import type { ResidentView } from './view.ts'

/** 关联、在这里回复、换人: one person in several chats, several people in one. */

/** People who can take turns on one phone: as many as there are choices. */
const mostPeople = 3
const linkForMs = 30 * 60_000

export type PersonWish =
  | { readonly wish: 'link' | 'unlink' | 'answer_here' | 'switch' }
  | { readonly wish: 'link_code'; readonly code: string }

export function personWish(text: string): PersonWish | undefined {
  const plain = normalise(text)
    .replace(/[。.,，!！]/gu, '')
    .trim()
  if (/^(?:关联|绑定|连接)(?:聊天|微信|账号)?$|^link$/u.test(plain)) return { wish: 'link' }
  if (/^(?:取消|解除)(?:关联|绑定)$|^unlink$/u.test(plain)) return { wish: 'unlink' }
  if (/^(?:以后)?(?:都)?(?:在|回)(?:到)?这里(?:回复|回|答|说)?(?:我)?$|^answer(?:s)? here$/u.test(plain))
    return { wish: 'answer_here' }
  if (/^(?:换人|换个人|换人说|我是另一个人|现在是别人|换我说)$|^(?:switch person|someone else(?: here)?)$/u.test(plain))
    return { wish: 'switch' }
  // Not normalised: that shortens what is written three times over, and a code may hold it.
  const code = /^\s*(?:关联|關聯|绑定|綁定|连接|連接|link)[\s::]*([a-z0-9]{8,12})\s*$/iu.exec(
    text.normalize('NFKC'),
  )?.[1]
  return code === undefined ? undefined : { wish: 'link_code', code }
}

/** Is this turn about who speaks where? Then the facts for it are loaded. */
export const asksWhoSpeaks = (event: Event | undefined): boolean =>
  (event?.kind === 'said' && personWish(event.text) !== undefined) ||
  (event?.kind === 'chose' && /^q:(?:link|share):/u.test(event.token))

export function personSaid(state: ConversationState, { wish }: PersonWish, view: ResidentView): Turned {
  const { speakers } = view
  const reply = (text: string, ...before: Effect[]): Turned => ({ state, effects: [...before, { do: 'say', text }] })
  if (!speakers) return reply(say('stale'))
  switch (wish) {
    case 'link': {
      const expiresAt = new Date(view.now.getTime() + linkForMs)
      return reply(say('link.made', { code: speakers.freshCode }), {
        do: 'make_link',
        code: speakers.freshCode,
        expiresAt,
      })
    }
    case 'link_code':
      return linkCodeSaid(state, view)
    case 'unlink':
      return speakers.chats > 1 ? { state, effects: [{ do: 'part_chats' }] } : reply(say('unlink.none'))
    case 'answer_here':
      return speakers.chats > 1
        ? reply(say('answersHere.done'), { do: 'answer_here' })
        : reply(say('answersHere.alone'))
    case 'switch':
      return askWho(state, view)
  }
}

/** A tap on a question about who speaks; `undefined` when it is none of ours or its moment has passed. */
export function personTapped(
  state: ConversationState,
  name: string,
  value: string,
  id: number,
  view: ResidentView,
): Turned | undefined {
  const { speakers } = view
  if (name === 'share') {
    const place = value === 'new' ? 'new' : speakers?.places.find((one) => String(one) === value)
    return place === undefined ? undefined : { state, effects: [{ do: 'hand_phone', place }] }
  }
  const asked = speakers?.asked
  if (name !== 'link' || asked?.id !== id) return undefined
  if (value === 'yes' && asked.mayMerge) {
    return {
      state,
      effects: [
        { do: 'link', link: asked },
        { do: 'say', text: say('link.done') },
      ],
    }
  }
  return {
    state,
    effects: [
      { do: 'refuse_link', link: asked },
      { do: 'say', text: say('link.refused') },
    ],
  }
}

// --- internal

function linkCodeSaid(state: ConversationState, view: ResidentView): Turned {
  const found = view.speakers?.said
  if (found === 'too_many') return { state, effects: [{ do: 'say', text: say('link.tooMany') }] }
  if (found === undefined || found === 'wrong')
    return { state, effects: [{ do: 'wrong_code' }, { do: 'say', text: say('link.bad') }] }
  if (found.personId === view.personId) return { state, effects: [{ do: 'say', text: say('link.here') }] }
  return {
    state,
    effects: [
      { do: 'say_link', linkId: found.id },
      {
        do: 'say',
        to: found.personId,
        at: found.addressId,
        text: say('link.confirm'),
        choices: [answer('link', `yes:${found.id}`, say('link.yes')), answer('link', `no:${found.id}`, say('link.no'))],
      },
      { do: 'say', text: say('link.asked') },
    ],
  }
}

function askWho(state: ConversationState, view: ResidentView): Turned {
  const places = view.speakers?.places ?? []
  const others = places.filter((place) => place !== view.speakers?.place)
  if (others.length === 0 && places.length < mostPeople) return { state, effects: [{ do: 'hand_phone', place: 'new' }] }
  const known = others.map((place) => answer('share', String(place), say('share.place', { place })))
  if (places.length >= mostPeople && known.length === 0) {
    return { state, effects: [{ do: 'say', text: say('share.full', { count: places.length }) }] }
  }
  const more = places.length < mostPeople ? [answer('share', 'new', say('share.new'))] : []
  return { state, effects: [{ do: 'say', text: say('share.ask'), choices: [...known, ...more] }] }
}
