import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'
import type { Classify, GazetteerEntry, Suggestion } from './classifier.ts'
import { readLabelled } from './corpus.ts'
import { evaluate } from './evaluate.ts'
import { reportInWords, textsInWords } from './report.ts'

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

/**
 * `linbang eval <labelled.jsonl>`: how well the classifier agrees with texts that people labelled. Returns the exit code.
 * @param figuresOnly no text is shown: a held-out author stays unread.
 */
export async function evalFile(
  jsonLines: string,
  { classify, output, figuresOnly = false }: Omit<Streams, 'input'> & { figuresOnly?: boolean },
): Promise<number> {
  const { rows, problems } = readLabelled(jsonLines)
  if (rows.length > 0) {
    const found = await evaluate(rows, classify)
    output.write(`${reportInWords(found)}${figuresOnly ? '' : textsInWords(found)}\n`)
  }
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

/** What `--help` prints, by command. */
export const commandHelp: Readonly<Record<string, string>> = {
  classify: `linbang classify "我妈82岁刚出院，今晚没人照顾"
  One text: intent, programmes, needs, urgency, who it is about, and why.

linbang classify < in.jsonl > out.jsonl
  In:  {"id":"1","text":"轮椅坏了"}                                      one JSON object a line
  Out: {"id":"1","intent":…,"programmes":[…],"needs":[…],"urgency":…,"subject":…,"confidence":…,"reasons":[…]}
  A line that cannot be read becomes {"line":…,"error":…}; the exit code is then 1.`,
  eval: `linbang eval <labelled.jsonl> [--figures]
  Per label precision, recall, F1; confusion of intents; calibration error; crises heard and false alarms; then the texts that
  went most wrong. --figures leaves the texts out (npm run eval does: nobody reads the held-out author).
  A line: {"text":…,"intent":…,"programmes":[…],"needs":[…],"urgency":…,"subject":…}; a label left out is not counted.
  What each label means: docs/labels.md

linbang eval --across-authors
  Trains once for each author of the corpus on all the others and shows how the one left out is understood.`,
  train: `linbang train
  Learns from the corpus and all corrections now. The result is examined on the held-out texts and used only if no head drops
  more than one point of F1 and not one crisis less is heard. Exit code 1: it was kept, but is not used.`,
  model: `linbang model list
  The models there are, newest first; * is in use.

linbang model use <version|base|newest>
  Use this one within ten seconds, in every process. base came with the program; newest follows training again.`,
}
