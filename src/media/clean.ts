import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'
import { withFile } from './sound.ts'
import type { Tools } from './tools.ts'

/** A picture larger than a phone can show is made smaller; a bomb of pixels is refused. */
const longestEdge = 4_096
const mostPixels = 80_000_000
const withinMs = 20_000

/**
 * The picture drawn anew: upright, without where and when it was taken or by whom, and without anything hidden behind it.
 * @throws Error when it cannot be read.
 */
export async function cleanPicture(data: Uint8Array, mime: string): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp')
  const animated = mime === 'image/gif' || mime === 'image/webp'
  const picture = sharp(data, { animated, limitInputPixels: mostPixels, failOn: 'error' })
  const pages = (await picture.metadata()).pages ?? 1
  const upright = pages > 1 ? picture : picture.autoOrient()
  const sized =
    pages > 1
      ? upright
      : upright.resize({ width: longestEdge, height: longestEdge, fit: 'inside', withoutEnlargement: true })
  switch (mime) {
    case 'image/png':
      return sized.png().toBuffer()
    case 'image/webp':
      return sized.webp({ quality: 88 }).toBuffer()
    case 'image/gif':
      return sized.gif().toBuffer()
    default:
      return sized.jpeg({ quality: 88 }).toBuffer()
  }
}

/** A film without its place and other notes; its pictures and sound stay as they are. Without ffmpeg it stays as it came. */
export async function cleanFilm(data: Uint8Array, tools: Tools): Promise<Uint8Array> {
  if (!tools.ffmpeg) return data
  const out = join(tmpdir(), `linbang-${randomUUID()}.mp4`)
  try {
    return await withFile(data, async (path) => {
      const asIs = ['-map', '0:v?', '-map', '0:a?', '-c', 'copy', '-map_metadata', '-1', '-movflags', '+faststart']
      const args = ['-nostdin', '-loglevel', 'error', '-protocol_whitelist', 'file,pipe', '-i', path, ...asIs, out]
      const { code } = await run('ffmpeg', args, { ms: withinMs, mostBytes: 1_000 })
      if (code !== 0) throw new Error('a film could not be read')
      return readFile(out)
    })
  } finally {
    await rm(out, { force: true })
  }
}
