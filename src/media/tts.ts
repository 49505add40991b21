import { makeBreaker } from '../classify/breaker.ts'
import { bareType } from '../domain/media.ts'
import { run } from './run.ts'
import { sniff } from './sniff.ts'
import type { Recording } from './sound.ts'
import type { Tools } from './tools.ts'
import { readWithin } from './wire.ts'

/** Speech from text behind an OpenAI-compatible `/audio/speech`. */
export interface TtsSettings {
  readonly baseUrl: string
  readonly model: string
  readonly voice: string
  readonly apiKey: string | undefined
  readonly timeoutMs: number
}

/** `undefined`: nothing on this machine can speak. @throws when what can did not. */
export type Speak = (text: string) => Promise<Recording | undefined>

const failures = 3
const restMs = 60_000
const mostBytes = 10_000_000
/** A long text is not listened to; what is left out can be read. */
const longest = 600

/** The service that is set; when it is not, or does not answer, the synthesiser of the machine. */
export function makeSpeak(
  settings: TtsSettings | undefined,
  parts: { tools: () => Promise<Tools>; now: () => Date },
): Speak {
  const breaker = makeBreaker({ failures, restMs })
  return async (whole) => {
    const text = [...whole].slice(0, longest).join('')
    const { espeak } = await parts.tools()
    if (settings && breaker.closed(parts.now())) {
      try {
        const recording = await ask(settings, text)
        breaker.succeeded()
        return recording
      } catch (error) {
        breaker.failed(parts.now())
        if (!espeak) throw error
      }
    }
    return espeak ? byEspeak(text) : undefined
  }
}

async function ask(settings: TtsSettings, input: string): Promise<Recording> {
  const { baseUrl, model, voice, apiKey, timeoutMs } = settings
  const response = await fetch(`${baseUrl}/audio/speech`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({ model, voice, input, response_format: 'mp3' }),
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'error',
  })
  const data = await readWithin(response, mostBytes)
  const type = await sniff(data, bareType(response.headers.get('content-type') ?? 'audio/mpeg'))
  if (type?.kind !== 'voice') throw new Error('what it answered is no speech')
  return { data, mime: type.mime }
}

/** The voice `cmn` of some releases reads the letters of pinyin in English; this one speaks Chinese in all of them. */
const espeakVoice = 'cmn-latn-pinyin'

async function byEspeak(text: string): Promise<Recording> {
  const args = ['-v', espeakVoice, '-s', '130', '--stdin', '--stdout']
  const { code, stdout } = await run('espeak-ng', args, { input: Buffer.from(text), ms: 15_000, mostBytes: 40_000_000 })
  if (code !== 0 || stdout.length < 100) throw new Error('espeak-ng said nothing')
  return { data: stdout, mime: 'audio/wav' }
}
