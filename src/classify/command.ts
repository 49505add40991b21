import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import { makeCascade } from './cascade.ts'
import type { GazetteerEntry, Suggestion } from './classifier.ts'

const Line = z.object({ id: z.union([z.string(), z.number()]), text: z.string() })

/** `linbang classify`: one text with an explanation, or one JSON object a line in and out. Returns the exit code. */
export async function classifyLines(
  args: readonly string[],
  input: Readable,
  output: Writable,
  gazetteer: readonly GazetteerEntry[] = [],
): Promise<number> {
  const classify = makeCascade({ detectors: [], onFailure: () => undefined })
  const text = args.join(' ').trim()
  if (text !== '') {
    output.write(`${explained(await classify(text, { gazetteer }))}\n`)
    return 0
  }
  let bad = 0
  let number = 0
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (line.trim() === '') continue
    const read = Line.safeParse(parsed(line))
    if (!read.success) {
      bad++
      output.write(`${JSON.stringify({ line: number, error: 'must be one JSON object {"id","text"} a line' })}\n`)
      continue
    }
    const suggestion = await classify(read.data.text, { gazetteer })
    output.write(`${JSON.stringify({ id: read.data.id, ...asWire(suggestion) })}\n`)
  }
  return bad === 0 ? 0 : 1
}

/** The form of the outside contract. */
function asWire(found: Suggestion) {
  return {
    intent: found.intent.label,
    programmes: found.programmes.filter((p) => p.confidence >= 0.5).map((p) => p.label),
    needs: found.needs.filter((n) => n.confidence >= 0.5).map((n) => n.label),
    urgency: found.urgency.label,
    subject: found.subject?.label ?? 'self',
    confidence: Number(found.confidence.toFixed(3)),
    reasons: found.reasons.map((reason) => reason.because),
  }
}

function explained(found: Suggestion): string {
  const wire = asWire(found)
  return [
    `intent      ${wire.intent} (${found.intent.confidence.toFixed(2)})`,
    `programmes  ${wire.programmes.join(', ') || '-'}`,
    `needs       ${wire.needs.join(', ') || '-'}`,
    `urgency     ${wire.urgency}${found.crisis ? ` (${found.crisis.kind}, ${found.crisis.tier})` : ''}`,
    `subject     ${wire.subject}`,
    ...wire.reasons.map((reason) => `  ${reason}`),
  ].join('\n')
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
