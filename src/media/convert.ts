import { run } from './run.ts'
import { playable, type Recording, toAmr, withFile } from './sound.ts'
import type { Tools } from './tools.ts'

const stillWithinMs = 10_000
const stillBytes = 2_000_000

/**
 * Content made anew in one of the types that a channel takes, by the programs this machine has; of a film asked for as a
 * picture, its first picture. `undefined`: it is not to be had in any of them.
 */
export async function converted(
  content: Recording,
  accepts: readonly string[],
  tools: Tools,
): Promise<Recording | undefined> {
  const { data, mime } = content
  if (mime.startsWith('audio/')) {
    const mp3 = accepts.includes('audio/mpeg') ? await playable(content, tools) : undefined
    if (mp3) return { data: mp3.data, mime: mp3.mime }
    const amr = accepts.includes('audio/amr') ? await toAmr(content, tools) : undefined
    return amr && { data: amr, mime: 'audio/amr' }
  }
  if (!accepts.includes('image/jpeg')) return undefined
  if (mime === 'image/webp') return { data: await toJpeg(data), mime: 'image/jpeg' }
  if (mime.startsWith('video/') && tools.ffmpeg) return { data: await still(data), mime: 'image/jpeg' }
  return undefined
}

async function toJpeg(data: Uint8Array): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp')
  return sharp(data).flatten({ background: 'white' }).jpeg({ quality: 88 }).toBuffer()
}

/** Small: it stands for the film until it is opened. */
const still = (film: Uint8Array): Promise<Uint8Array> =>
  withFile(film, async (path) => {
    const from = ['-nostdin', '-loglevel', 'error', '-protocol_whitelist', 'file,pipe', '-i', path]
    const form = ['-frames:v', '1', '-vf', 'scale=320:-2', '-q:v', '6', '-f', 'mjpeg', 'pipe:1']
    const { stdout } = await run('ffmpeg', [...from, ...form], { ms: stillWithinMs, mostBytes: stillBytes })
    if (stdout.length === 0) throw new Error('there is no picture in it')
    return stdout
  })
