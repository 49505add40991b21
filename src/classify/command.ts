import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import type { Classify, GazetteerEntry, Suggestion } from './classifier.ts'
import { readLabelled } from './corpus.ts'
import { evaluate } from './evaluate.ts'
import { reportInWords } from './report.ts'

interface Streams {
  readonly classify: Classify
  readonly input: Readable
  readonly output: Writable
}

const Line = z.object({ id: z.union([z.string(), z.number()]), text: z.string() })

/** `linbang classify`: one text with an explanation, or one JSON object a line in and out. Returns the exit code. */
export async function classifyLines(
  args: readonly string[],
  { classify, input, output, gazetteer = [] }: Streams & { gazetteer?: readonly GazetteerEntry[] },
): Promise<number> {
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

/** `linbang eval <labelled.jsonl>`: how well the classifier agrees with texts that people labelled. Returns the exit code. */
export async function evalFile(jsonLines: string, { classify, output }: Omit<Streams, 'input'>): Promise<number> {
  const { rows, problems } = readLabelled(jsonLines)
  if (rows.length > 0) output.write(`${reportInWords(await evaluate(rows, classify))}\n`)
  for (const problem of problems.slice(0, 20)) output.write(`not read: ${problem}\n`)
  if (rows.length === 0)
    output.write('There is no labelled text in this file: one JSON object a line, see docs/labels.md.\n')
  return rows.length > 0 && problems.length === 0 ? 0 : 1
}

/** The form of the outside contract. */
function asWire(found: Suggestion) {
  return {
    intent: found.intent.label,
    programmes: found.programmes.filter((p) => p.given).map((p) => p.label),
    needs: found.needs.filter((n) => n.given).map((n) => n.label),
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
