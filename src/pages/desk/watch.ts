import type { RequestShown, WatchLine } from '../../domain/desk-shown.ts'
import { get } from './api.ts'
import { at, button, h, lines } from './element.ts'
import { word } from './words.ts'

/** 看板: what is open, whose it is, and what happens when; one tap opens the whole history of one. */
export function makeWatch(tell: (text: string) => void) {
  const list = h('div')
  const opened = h('div')
  let requests: readonly WatchLine[] | undefined
  let shown: number | undefined
  const refresh = async (): Promise<void> => {
    const answered = await get<{ requests: readonly WatchLine[] }>('requests')
    if (!answered.ok) return tell(answered.message)
    requests = answered.body.requests
    draw()
  }
  const link = (number: number | string | undefined) => list.querySelector<HTMLElement>(`[data-request="${number}"]`)
  const draw = () => {
    if (!requests) return
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.request : undefined
    list.replaceChildren(
      requests.length === 0
        ? h('p', {}, word('watchNone'))
        : h('ul', { class: 'watch' }, ...requests.map((one) => line(one, one.number === shown))),
    )
    link(focused)?.focus({ preventScroll: true })
  }
  at('requests').append(
    h(
      'div',
      { class: 'head' },
      h('h2', {}, word('watchTitle')),
      button(word('watchRefresh'), () => void refresh()),
    ),
    h('p', { class: 'quiet' }, word('watchHint')),
    opened,
    list,
  )
  return {
    refresh,
    open: async (number: number | undefined): Promise<void> => {
      const before = shown
      shown = number
      draw()
      if (number === undefined) {
        opened.replaceChildren()
        // Back to where one came from.
        return link(before)?.focus()
      }
      const answered = await get<RequestShown>(`requests/${number}`)
      if (!answered.ok) return tell(answered.message)
      const { history, notes } = answered.body
      const heading = h('h3', { tabindex: -1 }, word('history', { number }))
      opened.replaceChildren(
        h(
          'section',
          { class: 'card' },
          heading,
          h('p', { class: 'tags' }, ...tags(answered.body.line)),
          facts(answered.body.line),
          h('ol', { class: 'lines' }, ...history.map((step) => h('li', {}, step))),
          notes.length > 0 && h('h4', {}, word('notes')),
          lines(notes),
          h('a', { class: 'button', href: '#/requests' }, word('close')),
        ),
      )
      heading.focus()
    },
  }
}

const line = (one: WatchLine, current: boolean): HTMLElement =>
  h(
    'li',
    { class: one.late ? 'late' : undefined },
    h(
      'a',
      { href: `#request-${one.number}`, 'data-request': one.number, 'aria-current': current ? 'true' : undefined },
      h('b', {}, String(one.number)),
      ...tags(one),
    ),
    facts(one),
  )

const tags = (one: WatchLine) => [
  h('span', { class: one.urgent ? 'tag urgent' : 'tag' }, one.urgency),
  one.late && h('span', { class: 'tag urgent' }, word('late')),
  h('span', {}, one.programme),
  h('span', {}, one.community),
]

const facts = ({ state, owner, by, next }: WatchLine): HTMLElement =>
  h(
    'dl',
    {},
    h('div', {}, h('dt', {}, word('owner')), h('dd', {}, `${owner} · ${state}`)),
    h('div', {}, h('dt', {}, word('next')), h('dd', {}, word('nextBy', { by, next }))),
  )
