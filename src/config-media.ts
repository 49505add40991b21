import { z } from 'zod'
import { flag, url, whole } from './config-kinds.ts'

/** Recordings, pictures and files. */
export interface MediaConfig {
  /** Unset: a folder in `dataDir`. */
  readonly s3:
    | { readonly url: string; readonly keyId: string; readonly secret: string; readonly region: string }
    | undefined
  readonly scan:
    | { readonly kind: 'command'; readonly command: readonly string[] }
    | { readonly kind: 'url'; readonly url: string }
    | undefined
  /** Unset: nothing is written down by a machine, a person listens. */
  readonly stt: SpeechService | undefined
  /** Unset: espeak-ng, where it is installed. */
  readonly tts: (SpeechService & { readonly voice: string }) | undefined
}

export interface SpeechService {
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: string | undefined
  readonly timeoutMs: number
}

export const mediaSettings = {
  MEDIA_S3_URL: url(['http', 'https']).optional(),
  MEDIA_S3_KEY_ID: z.string().optional(),
  MEDIA_S3_SECRET: z.string().optional(),
  MEDIA_S3_REGION: z.string().default('us-east-1'),
  SCAN_COMMAND: z.string().optional(),
  SCAN_URL: url(['http', 'https']).optional(),
  STT_BASE_URL: url(['http', 'https']).optional(),
  STT_MODEL: z.string().default('sensevoice'),
  STT_API_KEY: z.string().optional(),
  STT_TIMEOUT_MS: whole(500, 60_000).default(20_000),
  STT_DOMESTIC: flag.optional(),
  TTS_BASE_URL: url(['http', 'https']).optional(),
  TTS_MODEL: z.string().default('tts-1'),
  TTS_VOICE: z.string().default('alloy'),
  TTS_API_KEY: z.string().optional(),
  TTS_TIMEOUT_MS: whole(500, 60_000).default(20_000),
  TTS_DOMESTIC: flag.optional(),
}

const Read = z.object(mediaSettings)
type Set = z.infer<typeof Read>

export function wrongInMedia(set: Set): string[] {
  const wrong: string[] = []
  if (set.MEDIA_S3_URL !== undefined && (set.MEDIA_S3_KEY_ID === undefined || set.MEDIA_S3_SECRET === undefined)) {
    wrong.push('MEDIA_S3_KEY_ID, MEDIA_S3_SECRET: are needed with MEDIA_S3_URL')
  }
  if (set.SCAN_COMMAND !== undefined && set.SCAN_URL !== undefined) {
    wrong.push('SCAN_URL: set either SCAN_COMMAND or SCAN_URL, not both')
  }
  for (const name of ['STT', 'TTS'] as const) {
    if (set[`${name}_BASE_URL`] !== undefined && set[`${name}_DOMESTIC`] === undefined) {
      wrong.push(
        `${name}_DOMESTIC: say 1 when the service of ${name}_BASE_URL is on site or in mainland China; with 0 nothing is sent to it`,
      )
    }
  }
  return wrong
}

export function mediaOf(set: Set): MediaConfig {
  const service = (name: 'STT' | 'TTS'): SpeechService | undefined => {
    const baseUrl = set[`${name}_BASE_URL`]?.replace(/\/$/, '')
    if (baseUrl === undefined || set[`${name}_DOMESTIC`] !== true) return undefined
    return {
      baseUrl,
      model: set[`${name}_MODEL`],
      apiKey: set[`${name}_API_KEY`],
      timeoutMs: set[`${name}_TIMEOUT_MS`],
    }
  }
  const { MEDIA_S3_URL: url, MEDIA_S3_KEY_ID: keyId, MEDIA_S3_SECRET: secret, MEDIA_S3_REGION: region } = set
  const tts = service('TTS')
  return {
    s3: url !== undefined && keyId !== undefined && secret !== undefined ? { url, keyId, secret, region } : undefined,
    scan:
      set.SCAN_URL !== undefined
        ? { kind: 'url', url: set.SCAN_URL }
        : set.SCAN_COMMAND !== undefined
          ? { kind: 'command', command: set.SCAN_COMMAND.trim().split(/\s+/) }
          : undefined,
    stt: service('STT'),
    tts: tts && { ...tts, voice: set.TTS_VOICE },
  }
}
