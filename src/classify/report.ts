import { intents } from '../domain/taxonomy.ts'
import type { Evaluation, HeadScore } from './evaluate.ts'

/** The figures of an evaluation as a person reads them in a terminal. */
export function reportInWords(found: Evaluation): string {
  const { heads, crisis } = found
  return [
    `${found.rows} texts`,
    '',
    'head        macro-F1  calibration error',
    ...Object.entries(heads).map(
      ([name, head]) =>
        `${name.padEnd(12)}${number(head.macroF1).padStart(8)}${number(head.calibrationError).padStart(19)}`,
    ),
    '',
    `crisis      recall ${number(crisis.recall)} of ${crisis.all}, false alarms ${percent(crisis.falseAlarms)} of the others`,
    ...Object.entries(heads).flatMap(([name, head]) => ['', ...perLabel(name, head)]),
    '',
    'intent said (down) and found (across)',
    `${''.padEnd(14)}${intents.map((label) => label.slice(0, 8).padStart(9)).join('')}`,
    ...found.confusion.map(
      (row, i) => `${(intents[i] ?? '').padEnd(14)}${row.map((count) => String(count || '·').padStart(9)).join('')}`,
    ),
  ].join('\n')
}

/** The texts that went most wrong. */
export function textsInWords({ crisis, worst }: Evaluation): string {
  return [
    ...list('crises missed', crisis.missed),
    ...list('false alarms', crisis.falsely),
    ...list(
      'sure and wrong',
      worst.map((w) => `${w.head} ${w.found} ${number(w.confidence)}, said ${w.said}: ${w.text}`),
    ),
  ]
    .map((line) => `\n${line}`)
    .join('')
}

function perLabel(name: string, head: HeadScore): string[] {
  return [
    `${name.padEnd(20)}precision  recall      F1  texts`,
    ...head.labels
      .filter((label) => label.support > 0)
      .map(
        (l) =>
          `  ${l.label.padEnd(18)}${number(l.precision).padStart(9)}${number(l.recall).padStart(8)}${number(l.f1).padStart(8)}${String(l.support).padStart(7)}`,
      ),
  ]
}

const list = (title: string, lines: readonly string[]) =>
  lines.length === 0
    ? []
    : ['', `${title} (${lines.length})`, ...lines.slice(0, 15).map((line) => `  ${shortened(line)}`)]

const shortened = (line: string) => (line.length > 90 ? `${line.slice(0, 90)}…` : line)
const number = (value: number) => value.toFixed(3)
const percent = (share: number) => `${(share * 100).toFixed(2)} %`
