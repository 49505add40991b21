import type { DeskFacts, NoticeLine, NoticeList } from '../../domain/desk-shown.ts'
import { at, button, h } from './element.ts'
import { word } from './words.ts'

/** The list at the side: drafts, what waits for a second person, what is under way, and what is past. */
export function makeList(facts: DeskFacts, begin: (template: string | undefined) => void) {
  let before = ''
  const choose = h(
    'select',
    { id: 'template' },
    h('option', { value: '' }, word('templateNone')),
    ...facts.templates.map(({ name, kind }) => h('option', { value: name }, `${name} · ${kind}`)),
  )
  const groups = h('div', { class: 'groups' })
  at('side').append(
    h(
      'div',
      { class: 'begin' },
      button(word('new'), () => begin(choose.value === '' ? undefined : choose.value), { class: 'main' }),
      ...(facts.templates.length === 0 ? [] : [h('label', { for: 'template' }, word('template')), choose]),
    ),
    groups,
  )

  return (list: NoticeList, open: number | undefined): void => {
    const now = JSON.stringify([list, open])
    if (now === before) return
    before = now
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.notice : undefined
    const of = (...statuses: string[]) => list.notices.filter(({ status }) => statuses.includes(status))
    const shown = [
      group('drafts', list.drafts, open),
      group('waiting', of('proposed'), open),
      group('running', of('approved', 'sending', 'paused'), open),
      group('past', of('done', 'stopped'), open),
    ].filter((one) => one !== undefined)
    groups.replaceChildren(...(shown.length > 0 ? shown : [h('p', { class: 'quiet' }, word('empty'))]))
    if (focused) groups.querySelector<HTMLElement>(`[data-notice="${focused}"]`)?.focus()
  }
}

function group(name: string, notices: readonly NoticeLine[], open: number | undefined): HTMLElement | undefined {
  if (notices.length === 0) return undefined
  const items = notices.map((line) => h('li', {}, item(line, open)))
  return h(
    'section',
    { 'aria-labelledby': `g-${name}` },
    h('h2', { id: `g-${name}` }, word(name)),
    h('ul', {}, ...items),
  )
}

function item(line: NoticeLine, open: number | undefined): HTMLElement {
  const { id, status, state, kind, first, author, own, done, all } = line
  const under = [kind, status === 'draft' ? '' : state, own ? word('mine') : word('by', { author })]
  const far = status === 'draft' || status === 'proposed' || all === 0 ? '' : `${done}/${all}`
  return h(
    'a',
    {
      href: `#notice-${id}`,
      'data-notice': id,
      class: `item ${status}`,
      'aria-current': id === open ? 'true' : undefined,
    },
    h('span', { class: 'first' }, first === '' ? word('untitled') : first),
    h('span', { class: 'under' }, [...under, far].filter((part) => part !== '').join(' · ')),
  )
}
