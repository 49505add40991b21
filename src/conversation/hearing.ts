import type { Suggestion } from '../classify/classifier.ts'
import { sayPlace } from '../domain/mask.ts'
import type { CrisisKind } from '../domain/taxonomy.ts'
import { longestPlea } from '../domain/words.ts'
import type { Unread } from '../store/messages.ts'
import { say } from '../texts/say.ts'
import type { ConversationState } from './state.ts'

/** From stored messages to one thing that was said or done: fragments gathered, commands read, the text understood. */

/** However many fragments follow, a person is answered within this time of the first. */
const longestGatherMs = 12_000
/** Who sends more than this many messages a minute is read slowly: more than one can type, tap or paste in earnest. */
export const mostAMinute = 20
const floodGatherMs = 30_000

export type Group = { readonly messages: readonly Unread[] } | { readonly at: Date }

/**
 * The next messages that make one turn: consecutive texts together once the person has been quiet, anything else alone.
 * Two orders of a colleague are never one: each is taken alone and at once.
 * `at`: they may still be typing; look again then. `undefined`: nothing waits.
 */
export function gather(
  waiting: readonly Unread[],
  now: Date,
  quietMs: number,
  isStaff: boolean,
  flooding = false,
): Group | undefined {
  const [first] = waiting
  if (!first) return undefined
  if (flooding && !isStaff) return gatherSlowly(waiting, first, now)
  if (isStaff || !isText(first)) return { messages: [first] }
  const end = waiting.findIndex((m) => !isText(m) || m.heard.replyTo !== first.heard.replyTo)
  const texts = end === -1 ? waiting : waiting.slice(0, end)
  const last = texts.at(-1) ?? first
  // Something that is not a text follows: the texts before it are whole.
  if (end !== -1) return { messages: texts }
  const quietAt = Math.min(last.receivedAt.getTime() + quietMs, first.receivedAt.getTime() + longestGatherMs)
  return quietAt <= now.getTime() ? { messages: texts } : { at: new Date(quietAt) }
}

/**
 * 刷屏: everything is read, together and once in a while. What the gate heard at the door goes first and at once, and a tap
 * is an answer that somebody may be waiting for.
 */
function gatherSlowly(waiting: readonly Unread[], first: Unread, now: Date): Group {
  const crisis = waiting.find((message) => message.crisisRequestId !== null)
  if (crisis) return { messages: [crisis] }
  if (first.heard.content.kind === 'choice') return { messages: [first] }
  const due = new Date(first.receivedAt.getTime() + floodGatherMs)
  if (due > now) return { at: due }
  const { kind } = first.heard.content
  const end = waiting.findIndex((message) => message.heard.content.kind !== kind)
  return { messages: end === -1 ? waiting : waiting.slice(0, end) }
}

/** A crisis was found at the door in this message: it is not made to wait for others. */
const isText = (message: Unread): boolean => message.heard.content.kind === 'text' && message.crisisRequestId === null

/** What was heard, before it is known what it refers to (that needs the rows under the lock). */
export type Heard =
  | {
      readonly kind: 'said'
      readonly text: string
      readonly suggestion: Suggestion
      readonly held: Suggestion | undefined
      readonly spoken: Suggestion | undefined
      readonly replyTo: string | undefined
    }
  | { readonly kind: 'crisis'; readonly text: string; readonly requestId: number; readonly crisisKind: CrisisKind }
  | {
      readonly kind: 'chose'
      readonly token: string
      readonly label: string
      readonly held: Suggestion | undefined
      readonly spoken: Suggestion | undefined
    }
  | {
      readonly kind: 'sent'
      /** The message that brought it: its attachment is found by it. */
      readonly inboundId: number
      readonly content: Extract<Unread['heard']['content'], { media: unknown }>
      readonly replyTo: string | undefined
    }
  | { readonly kind: 'transcribed'; readonly text: string }
  | { readonly kind: 'showed'; readonly what: 'sticker' | 'location' | 'unsupported' | 'empty'; readonly text?: string }
  | { readonly kind: 'started'; readonly code?: string }
  | { readonly kind: 'nothing' }

export async function interpret(
  messages: readonly Unread[],
  state: ConversationState,
  classify: (text: string) => Promise<Suggestion>,
): Promise<Heard> {
  const [first] = messages
  if (!first) return { kind: 'nothing' }
  const { at } = state
  const heldWords =
    at.step === 'consent' || at.step === 'unsure' ? at.held.join('；') : at.step === 'which' ? at.text : ''
  const held = heldWords === '' ? undefined : await classify(heldWords)
  const spoken = state.spoken === undefined ? undefined : await classify(state.spoken)
  const { content, replyTo } = first.heard
  if (first.crisisRequestId !== null) {
    const text =
      content.kind === 'transcript'
        ? say('voice.marked', content)
        : 'text' in content
          ? content.text
          : 'caption' in content
            ? (content.caption ?? '')
            : ''
    return { kind: 'crisis', text, requestId: first.crisisRequestId, crisisKind: 'unclear' }
  }
  switch (content.kind) {
    case 'text': {
      const said = messages.flatMap((m) => (m.heard.content.kind === 'text' ? [m.heard.content.text.trim()] : []))
      const text = said
        .filter((part) => part !== '')
        .join('\n')
        .slice(0, longestPlea)
      return text === ''
        ? { kind: 'showed', what: 'empty' }
        : { kind: 'said', text, suggestion: await classify(text), held, spoken, replyTo }
    }
    case 'edited': {
      const text = content.text.trim().slice(0, longestPlea)
      return text === ''
        ? { kind: 'showed', what: 'empty' }
        : { kind: 'said', text, suggestion: await classify(text), held, spoken, replyTo }
    }
    case 'command':
      return asCommand(content, classify, held, spoken)
    case 'choice':
      return { kind: 'chose', token: content.token, label: content.label ?? '', held, spoken }
    case 'voice':
    case 'picture':
    case 'video':
    case 'file':
      return { kind: 'sent', inboundId: first.id, content, replyTo }
    case 'transcript':
      return { kind: 'transcribed', text: content.text }
    case 'location':
      return {
        kind: 'showed',
        what: 'location',
        text: [content.place ?? '', sayPlace(content.latitude, content.longitude)].join(' ').trim(),
      }
    case 'sticker':
      return { kind: 'showed', what: 'sticker' }
    case 'lifecycle':
      return content.event === 'started' ? { kind: 'started' } : { kind: 'nothing' }
    case 'unsupported':
      return { kind: 'showed', what: 'unsupported' }
  }
}

/** /start greets (its payload may be an invitation); any other command is read as if it had been said in words. */
async function asCommand(
  { name, args }: { name: string; args: string },
  classify: (text: string) => Promise<Suggestion>,
  held: Suggestion | undefined,
  spoken: Suggestion | undefined,
): Promise<Heard> {
  if (name === 'start' && args === '') return { kind: 'started' }
  const words: Readonly<Record<string, string>> = {
    start: `加入 ${args}`,
    help: '帮助',
    status: '进度',
    cancel: '取消',
    human: '人工',
  }
  const text = words[name] ?? `${name} ${args}`.trim()
  return { kind: 'said', text, suggestion: await classify(text), held, spoken, replyTo: undefined }
}
