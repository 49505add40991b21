import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'
import type { Tools } from './tools.ts'

/** Recordings from one form into another, by the programs this machine has. `undefined`: it has none for it. */

/** What speech recognisers take: 16 kHz, one channel, 16 bit. */
const wavRate = 16_000
const silkRate = 24_000
const longestSeconds = 600
const withinMs = 30_000
const mostBytes = 64_000_000

export interface Recording {
  readonly data: Uint8Array
  readonly mime: string
}

/** In a form that every page and every messenger can play, with its true length. */
export async function playable(
  recording: Recording,
  tools: Tools,
): Promise<(Recording & { readonly seconds: number }) | undefined> {
  const wav = await toWav(recording, tools)
  if (wav === undefined || !tools.ffmpeg) return undefined
  const mp3 = await ffmpeg(wav, ['-c:a', 'libmp3lame', '-b:a', '48k', '-map_metadata', '-1', '-f', 'mp3'])
  return { data: mp3, mime: 'audio/mpeg', seconds: Math.max(1, Math.round(secondsOf(wav))) }
}

/** For a messenger's voice bubble. */
export async function toOggOpus(data: Uint8Array, tools: Tools): Promise<Uint8Array | undefined> {
  if (!tools.ffmpeg) return undefined
  return ffmpeg(data, [
    '-c:a',
    'libopus',
    '-b:a',
    '24k',
    '-application',
    'voip',
    '-ar',
    '48000',
    '-ac',
    '1',
    '-f',
    'ogg',
  ])
}

/** The telephone's own form, the only voice that 企业微信 takes; ffmpeg seldom writes it, sox does. */
export async function toAmr(recording: Recording, tools: Tools): Promise<Uint8Array | undefined> {
  const wav = tools.sox ? await toWav(recording, tools) : undefined
  return (
    wav && withFile(wav, (path) => sox(['-t', 'wav', path, '-r', '8000', '-c', '1', '-C', '7', '-t', 'amr-nb', '-']))
  )
}

/** @throws Error when it is no recording after all. */
export async function toWav({ data, mime }: Recording, tools: Tools): Promise<Uint8Array | undefined> {
  switch (mime) {
    case 'audio/silk': {
      const { decode } = await import('silk-wasm')
      const { data: pcm } = await decode(data, silkRate)
      const raw = wavOf(pcm, silkRate)
      return tools.ffmpeg ? toWav({ data: raw, mime: 'audio/wav' }, tools) : raw
    }
    case 'audio/amr':
      // ffmpeg stumbles over the pauses of a telephone's AMR; sox with the opencore decoder does not.
      if (tools.sox) return soxWav(data)
      break
    default:
      break
  }
  if (!tools.ffmpeg) return mime === 'audio/wav' ? data : undefined
  return ffmpeg(data, ['-ac', '1', '-ar', String(wavRate), '-c:a', 'pcm_s16le', '-f', 'wav'])
}

/** The length of a WAV of ours, in seconds. */
function secondsOf(wav: Uint8Array): number {
  return Math.max(0, wav.length - wavHeader) / (wavRate * 2)
}

/** A file for programs that must seek; in a folder of its own that only we can read, and gone afterwards. */
export async function withFile<T>(data: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'linbang-media-'))
  try {
    const path = join(dir, 'in')
    await writeFile(path, data, { mode: 0o600 })
    return await use(path)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

// --- internal

const ffmpeg = (data: Uint8Array, form: readonly string[]): Promise<Uint8Array> =>
  withFile(data, async (path) => {
    const from = ['-nostdin', '-loglevel', 'error', '-protocol_whitelist', 'file,pipe', '-i', path]
    const args = [...from, '-vn', '-t', String(longestSeconds), ...form, 'pipe:1']
    const { stdout } = await run('ffmpeg', args, { ms: withinMs, mostBytes })
    // It may complain of a broken last frame and still have written all the rest.
    if (stdout.length <= wavHeader) throw new Error('there is no sound in it')
    return stdout
  })

const soxWav = (data: Uint8Array): Promise<Uint8Array> =>
  withFile(data, (path) => sox(['-t', 'amr-nb', path, '-t', 'wav', '-r', String(wavRate), '-c', '1', '-b', '16', '-']))

async function sox(args: readonly string[]): Promise<Uint8Array> {
  const { stdout } = await run('sox', [...args, 'trim', '0', String(longestSeconds)], { ms: withinMs, mostBytes })
  if (stdout.length <= wavHeader) throw new Error('there is no sound in it')
  return stdout
}

const wavHeader = 44

function wavOf(pcm: Uint8Array, rate: number): Uint8Array {
  const header = Buffer.alloc(wavHeader)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + pcm.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(pcm.length, 40)
  return Buffer.concat([header, pcm])
}
