import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'silk-wasm'

/** Recordings as phones make them: spoken by espeak-ng, put into each form by the programs that really write it. */
export interface Recordings {
  readonly wav: Buffer
  readonly ogg: Buffer
  readonly webm: Buffer
  readonly m4a: Buffer
  readonly amr: Buffer
  readonly mp3: Buffer
  readonly silk: Buffer
}

/** Tests with recordings need these programs on the machine; without them they are skipped, but never in CI. */
export const withoutPrograms =
  !process.env.CI &&
  ['ffmpeg', 'ffprobe', 'sox', 'espeak-ng'].some(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error !== undefined,
  )

let made: Promise<Recordings> | undefined

export function recordings(): Promise<Recordings> {
  made ??= make()
  return made
}

async function make(): Promise<Recordings> {
  const dir = mkdtempSync(join(tmpdir(), 'linbang-test-'))
  const at = (name: string) => join(dir, name)
  try {
    const words = '我妈摔了一跤,起不来了'
    execFileSync('espeak-ng', ['-v', 'cmn-latn-pinyin', '-w', at('say.wav'), words], {
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    })
    const ffmpeg = (name: string, ...form: string[]) => {
      execFileSync('ffmpeg', ['-loglevel', 'error', '-i', at('say.wav'), ...form, at(name)])
      return readFileSync(at(name))
    }
    execFileSync('sox', [at('say.wav'), '-r', '8000', '-C', '7', '-t', 'amr-nb', at('say.amr')])
    const pcm = ffmpeg('say.pcm', '-ac', '1', '-ar', '24000', '-f', 's16le')
    return {
      wav: readFileSync(at('say.wav')),
      ogg: ffmpeg('say.ogg', '-c:a', 'libopus', '-b:a', '24k', '-ar', '48000'),
      webm: ffmpeg('say.webm', '-c:a', 'libopus'),
      m4a: ffmpeg('say.m4a', '-c:a', 'aac'),
      mp3: ffmpeg('say.mp3', '-c:a', 'libmp3lame'),
      amr: readFileSync(at('say.amr')),
      silk: Buffer.from((await encode(pcm, 24_000)).data),
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** How long a recording is by another program than the one under test, in seconds. */
export function lengthOf(recording: Uint8Array): number {
  const dir = mkdtempSync(join(tmpdir(), 'linbang-test-'))
  try {
    const path = join(dir, 'in')
    execFileSync('tee', [path], { input: recording, stdio: ['pipe', 'ignore', 'ignore'] })
    const args = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path]
    return Number(execFileSync('ffprobe', args).toString())
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Somebody who talks, or breathes, for so long: a quiet tone, as small as messengers make it. */
export function longRecording(seconds: number): Buffer {
  const tone = ['-f', 'lavfi', '-i', `sine=frequency=200:duration=${seconds}`]
  const form = ['-c:a', 'libopus', '-b:a', '6k', '-ar', '48000', '-f', 'ogg', 'pipe:1']
  return execFileSync('ffmpeg', ['-loglevel', 'error', ...tone, ...form], { maxBuffer: 32_000_000 })
}
