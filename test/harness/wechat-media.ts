import { lengthOf } from './recordings.ts'
import type { Asked, Reply } from './wechat-wire.ts'

/** 临时素材 at the far end: what may be uploaded and sent on, by the official rules, and for three days. */
export interface Material {
  readonly type: string
  readonly data: Buffer
  readonly until: number
}

interface Limit {
  readonly forms: readonly (keyof typeof marks)[]
  readonly bytes: number
}

/** How each form begins. */
const marks = {
  amr: (data: Buffer) => data.subarray(0, 6).toString('latin1') === '#!AMR\n',
  mp3: (data: Buffer) => data.subarray(0, 3).toString('latin1') === 'ID3' || (data.readUInt16BE(0) & 0xffe0) === 0xffe0,
  jpg: (data: Buffer) => data.readUInt16BE(0) === 0xffd8,
  png: (data: Buffer) => data.subarray(1, 4).toString('latin1') === 'PNG',
  gif: (data: Buffer) => data.subarray(0, 4).toString('latin1') === 'GIF8',
  mp4: (data: Buffer) => data.subarray(4, 8).toString('latin1') === 'ftyp',
  any: () => true,
}
const mb = 1024 * 1024

export const officialLimits: Readonly<Record<string, Limit>> = {
  image: { forms: ['jpg', 'png', 'gif'], bytes: 10 * mb },
  voice: { forms: ['amr', 'mp3'], bytes: 2 * mb },
  video: { forms: ['mp4'], bytes: 10 * mb },
  thumb: { forms: ['jpg'], bytes: 64 * 1024 },
}
export const wecomLimits: Readonly<Record<string, Limit>> = {
  image: { forms: ['jpg', 'png'], bytes: 10 * mb },
  voice: { forms: ['amr'], bytes: 2 * mb },
  video: { forms: ['mp4'], bytes: 10 * mb },
  file: { forms: ['any'], bytes: 20 * mb },
}

export function makeMaterials(now: () => Date, limits: Readonly<Record<string, Limit>>) {
  const kept = new Map<string, Material>()
  let made = 0
  return {
    upload: ({ query, file }: Asked): Reply => {
      const type = query.get('type') ?? ''
      const limit = limits[type]
      if (!limit) return { errcode: 40004, errmsg: 'invalid media type' }
      if (!file || file.length <= 5) return { errcode: 41005, errmsg: 'media data missing' }
      if (!limit.forms.some((form) => marks[form](file))) return { errcode: 40005, errmsg: 'invalid file type' }
      if (file.length > limit.bytes) return { errcode: 45001, errmsg: 'media size out of limit' }
      if (type === 'voice' && lengthOf(file) > 61) return { errcode: 45007, errmsg: 'playtime out of limit' }
      const id = `MEDIA${++made}`
      kept.set(id, { type, data: file, until: now().getTime() + 3 * 24 * 3_600_000 })
      return type === 'thumb' ? { type, thumb_media_id: id } : { type, media_id: id }
    },
    /** What a person sent, for us to fetch. */
    keep: (id: string, data: Buffer) =>
      void kept.set(id, { type: 'heard', data, until: now().getTime() + 3 * 24 * 3_600_000 }),
    /** `undefined`: 40007. */
    find: (id: unknown): Material | undefined => {
      const material = kept.get(String(id))
      return material && material.until > now().getTime() ? material : undefined
    },
    forget: () => kept.clear(),
  }
}

export const noSuchMedia = { errcode: 40007, errmsg: 'invalid media_id' }
