import { h } from './element.ts'
import { word } from './words.ts'

/** The fields of a draft, each with its label and its hint. */

export function textField(name: 'text' | 'more', value: string, rows: number, change: (value: string) => void) {
  const box = h('textarea', {
    id: name,
    rows,
    maxlength: 5000,
    'aria-describedby': name === 'text' ? 'text-hint count' : `${name}-hint`,
  })
  box.value = value
  box.addEventListener('input', () => change(box.value))
  const field = h(
    'div',
    { class: 'field' },
    h('label', { for: name }, word(name)),
    h('p', { class: 'quiet', id: `${name}-hint` }, word(`${name}Hint`)),
    box,
  )
  return { field, box }
}

const kinds = ['notice', 'activity', 'emergency'] as const

export function kindField(value: string, change: (kind: (typeof kinds)[number]) => void): HTMLElement {
  return h(
    'fieldset',
    { class: 'kinds' },
    h('legend', {}, word('kind')),
    ...kinds.map((kind) =>
      h(
        'label',
        {},
        h('input', { type: 'radio', name: 'kind', value: kind, checked: kind === value, onchange: () => change(kind) }),
        word(`kind.${kind}`),
      ),
    ),
  )
}

export function timeField(name: 'startAt' | 'expiresAt', value: string, change: (value: string) => void): HTMLElement {
  const box = h('input', { id: name, type: 'datetime-local', value, 'aria-describedby': `${name}-hint` })
  box.addEventListener('change', () => change(box.value))
  return h(
    'div',
    { class: 'field' },
    h('label', { for: name }, word(name)),
    box,
    h('p', { class: 'quiet', id: `${name}-hint` }, word(name === 'startAt' ? 'startHint' : 'expiresHint')),
  )
}
