import { z } from 'zod'
import { type Breaker, makeBreaker } from '../classify/breaker.ts'
import { endingOf } from '../domain/media.ts'
import type { Recording } from './sound.ts'
import { readWithin } from './wire.ts'

/** Speech recognition behind an OpenAI-compatible `/audio/transcriptions`: FunASR, Whisper servers, vLLM. */
export interface SttSettings {
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: string | undefined
  readonly timeoutMs: number
}

/** @throws when there is no answer to use: too late, broken, too long, resting. An empty text means nothing was understood. */
export type Transcribe = (recording: Recording) => Promise<string>

/** It is not asked now, because it has failed several times in a row. */
export class SpeechResting extends Error {
  override readonly name = 'SpeechResting'
}

const failures = 3
const restMs = 60_000
const mostAnswer = 200_000
/** Nobody says more than this in ten minutes; a recogniser that has lost its way repeats itself for ever. */
const longestText = 3_000
const Answer = z.object({ text: z.string() })

/**
 * Names of the district help it to hear them right. It gets the recording and nothing of who spoke.
 * @param now for the breaker alone.
 */
export function makeTranscribe(
  settings: SttSettings,
  {
    now,
    names,
    breaker = makeBreaker({ failures, restMs }),
  }: {
    now: () => Date
    names: () => Promise<readonly string[]>
    breaker?: Breaker
  },
): Transcribe {
  return async ({ data, mime }) => {
    if (!breaker.closed(now())) throw new SpeechResting('speech recognition rests after several failures')
    const form = new FormData()
    form.set('model', settings.model)
    form.set('language', 'zh')
    form.set('response_format', 'json')
    form.set('prompt', [...(await names())].slice(0, 40).join('、'))
    form.set('file', new Blob([Buffer.from(data)], { type: mime }), `recording.${endingOf(mime)}`)
    try {
      const headers = new Headers()
      if (settings.apiKey !== undefined) headers.set('authorization', `Bearer ${settings.apiKey}`)
      const signal = AbortSignal.timeout(settings.timeoutMs)
      const url = `${settings.baseUrl}/audio/transcriptions`
      const response = await fetch(url, { method: 'POST', headers, body: form, signal, redirect: 'error' })
      const body = await readWithin(response, mostAnswer)
      const { text } = Answer.parse(JSON.parse(new TextDecoder().decode(body)))
      breaker.succeeded()
      return [...text.replaceAll('\u0000', '').trim()].slice(0, longestText).join('')
    } catch (error) {
      breaker.failed(now())
      throw error
    }
  }
}
