import { fileTypeFromBuffer } from 'file-type'
import { type ContentType, contentType } from '../domain/media.ts'

/** SILK as WeChat and QQ write it: the name of the format, sometimes behind one byte. */
const silk = Buffer.from('#!SILK_V3')

/**
 * What bytes are, whatever their sender calls them.
 * @returns `undefined`: nothing that may be sent.
 */
export async function sniff(data: Uint8Array, declared: string | undefined): Promise<ContentType | undefined> {
  const found = isSilk(data) ? 'audio/silk' : (await fileTypeFromBuffer(data))?.mime
  if (found !== undefined) return contentType(found, declared)
  return isText(data) ? contentType('text/plain', undefined) : undefined
}

const isSilk = (data: Uint8Array) => [0, 1].some((at) => silk.equals(Buffer.from(data.subarray(at, at + silk.length))))

/** Plain text has no mark of its own: it is whatever reads as UTF-8 and holds nothing but letters and line ends. */
function isText(data: Uint8Array): boolean {
  if (data.length === 0) return false
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data)
    // What begins with a tag may be a page with a script.
    return !data.some((byte) => byte < firstLetter && !lineEnds.has(byte)) && !text.trimStart().startsWith('<')
  } catch {
    return false
  }
}

const firstLetter = 0x20
/** Tab, line feed, form feed, carriage return. */
const lineEnds: ReadonlySet<number> = new Set([9, 10, 12, 13])
