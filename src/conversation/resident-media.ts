import { hideIdentityNumbers } from '../domain/identity-number.ts'
import { mask } from '../domain/mask.ts'
import type { RequestRow } from '../store/requests.ts'
import { saySeconds } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import { answer } from './intake.ts'
import { crisisIn, inCrisis } from './resident-crisis.ts'
import { callHuman } from './resident-human.ts'
import { relayMedia, relayTo, told } from './resident-relay.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import { answerBy, type ResidentView, sayAt } from './view.ts'

/** What a resident sends besides words: always to a person, who hears and sees it as it is. */
export function sent(state: ConversationState, event: Event & { kind: 'sent' }, view: ResidentView): Turned {
  const { media } = event
  const noted =
    media.kind === 'voice'
      ? say('addedRecording', { seconds: media.seconds === undefined ? '' : saySeconds(media.seconds) })
      : say('addedPicture', { what: say(`media.${media.kind}`) })
  const target = relayTo(view, event.about)
  const request = target.kind === 'one' ? target.request : view.requests.find((r) => r.status !== 'resolved')
  if (!request) {
    // A recording as the first word is a plea that only a person can understand.
    const called = callHuman(state, event.caption ?? '', view)
    const passed: Effect = { do: 'say', to: -1, text: say(`media.${media.kind}`), media, relayFrom: 'resident' }
    if (media.kind !== 'voice') {
      return { state: called.state, effects: [...called.effects, passed, { do: 'say', text: noted }] }
    }
    // What is in it is not known yet, and may be anything.
    const text = `${noted}\n${say('voice.danger')}`
    return { state: called.state, effects: [...called.effects.map(spokenOnly), passed, { do: 'say', text }] }
  }
  const passed = relayMedia(request, media, event.caption, view)
  if (request.status === 'intake' && media.kind === 'voice' && !view.transcribes && !event.recognised) {
    // A question was answered aloud and no machine here can read it: a person goes on asking.
    const called = askPersonToListen(state, request, view, event.caption)
    return { state: called.state, effects: [...called.effects, ...passed] }
  }
  // In a crisis that a person has taken over the bot is silent.
  const quiet = crisisIn(state, view)?.assignee
  return { state, effects: quiet ? passed : [...passed, { do: 'say', requestId: request.id, text: noted }] }
}

/**
 * 机器转写: whoever is on the request reads it at once, marked. The resident is asked whether it is right, and until the yes
 * it decides nothing; while a worker or a crisis has the talk, nobody is asked.
 */
export function transcribed(state: ConversationState, heard: string, view: ResidentView): Turned {
  if (heard.trim() === '') return unheard(state, view)
  const text = hideIdentityNumbers(heard, say('identity.mark'))
  const marked = say('voice.marked', { text })
  const crisis = crisisIn(state, view)
  if (crisis) return inCrisis(state, crisis, { kind: 'said', text: marked }, view)
  const target = relayTo(view, undefined)
  const request = target.kind === 'one' ? target.request : view.requests.find((r) => r.status !== 'resolved')
  const to = request?.assignee?.personId ?? request?.owner.personId
  const passed = request && to != null ? told(request, to, mask(marked), view) : []
  if (target.kind === 'one') return { state, effects: passed }
  const spoken = state.spoken === undefined ? text : `${state.spoken}\n${text}`
  return {
    state: { ...state, spoken },
    effects: [
      ...passed,
      {
        do: 'say',
        text: say('voice.heardBack', { text: spoken }),
        choices: [answer('heard', 'yes', say('voice.heardBack.yes')), answer('heard', 'no', say('voice.heardBack.no'))],
      },
    ],
  }
}

/** 不对: whoever answers for it listens, by a time that is told. Said in the middle of the questions, it goes to them now. */
export function heardWrongly(state: ConversationState, view: ResidentView): Turned {
  const request = view.requests.find((r) => r.status !== 'resolved')
  if (request?.status === 'intake') return askPersonToListen(state, request, view)
  const { name } = request?.assignee ?? request?.owner ?? view.coordinator
  const by = request?.deadline ? sayAt(view, request.deadline.at) : answerBy(view, 'urgent')
  return { state, effects: [{ do: 'say', text: say('voice.notHeard', { owner: name, by }) }] }
}

/** 身份证号 is not needed here: it is taken out before anything is kept or passed on, and the resident is told so. */
export function withoutIdentity(
  event: Event & { kind: 'said' },
  answer: (event: Event & { kind: 'said' }) => Turned,
): Turned {
  const text = hideIdentityNumbers(event.text, say('identity.mark'))
  const turned = answer({ ...event, text })
  if (text === event.text || turned.state.at.step === 'crisis') return turned
  return { ...turned, effects: [...turned.effects, { do: 'say', text: say('identity.hidden') }] }
}

// --- internal

/** Nothing could be made out. A question that was answered aloud must not stay open; elsewhere a person has it already. */
function unheard(state: ConversationState, view: ResidentView): Turned {
  if (crisisIn(state, view) || relayTo(view, undefined).kind !== 'none') return { state, effects: [] }
  const request = view.requests.find((r) => r.status === 'intake')
  return request ? askPersonToListen(state, request, view) : { state, effects: [] }
}

/** The questions end here: a named person has the recording, and the resident reads who and by when. */
function askPersonToListen(state: ConversationState, request: RequestRow, view: ResidentView, caption = ''): Turned {
  const words = say('voice.toPerson', { owner: request.owner.name, by: answerBy(view, 'urgent') })
  const called = callHuman(state, caption, view, words)
  return { state: called.state, effects: called.effects.map(spokenOnly) }
}

/** Nobody has read a word of it yet: whoever can listen to Minnan is asked first. */
function spokenOnly(effect: Effect): Effect {
  switch (effect.do) {
    case 'open':
      return { ...effect, opening: { ...effect.opening, details: { ...effect.opening.details, byVoice: true } } }
    case 'details':
      return { ...effect, details: { ...effect.details, byVoice: true } }
    default:
      return effect
  }
}
