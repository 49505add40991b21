import type { Preview } from '../../domain/desk-shown.ts'
import { h, lines } from './element.ts'
import { word } from './words.ts'

/** Who will get it, who will not and why, when; and what it looks like on a phone. */
export function previewView() {
  const phone = h('p', { class: 'bubble' })
  const body = h('div')
  const view = h(
    'section',
    { class: 'card', 'aria-labelledby': 'preview' },
    h('h3', { id: 'preview' }, word('preview')),
    body,
    h('p', { class: 'quiet' }, word('phone')),
    phone,
  )
  return {
    view,
    phone: (kind: string, text: string) => {
      phone.textContent = `【${kind}】${text}`
    },
    show: (preview: Preview | undefined) => {
      body.replaceChildren(...(preview ? parts(preview) : [h('p', { class: 'quiet' }, word('previewNone'))]))
    },
  }
}

export function parts({ count, lines: more, samples, nobody }: Preview): HTMLElement[] {
  const shown = [
    h('p', { class: nobody ? 'big over' : 'big' }, count),
    lines(more),
    samples.length > 0 ? h('details', {}, h('summary', {}, word('samples')), lines(samples) ?? '') : undefined,
  ]
  return shown.filter((part) => part !== undefined)
}
