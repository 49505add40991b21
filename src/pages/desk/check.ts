import { checkNotice, coreChars } from '../../domain/notice-text.ts'
import { h } from './element.ts'
import { word } from './words.ts'

/** 大白话检查, as one types: the same rules that stop a notice on the server. */
export function checkView(links: readonly string[]) {
  const count = h('p', { class: 'count', id: 'count' })
  const found = h('ul', { class: 'found' })
  const view = h(
    'section',
    { class: 'card check', 'aria-labelledby': 'check' },
    h('h3', { id: 'check' }, word('check')),
    found,
  )
  return {
    count,
    view,
    look: (text: string, more: string) => {
      const length = [...text.normalize('NFKC').trim()].length
      const findings = checkNotice(text, more === '' ? undefined : more, { linkHosts: links })
      const wrong = findings.filter(({ stops }) => stops).length
      const far = word('count', { count: length, most: coreChars })
      count.textContent = wrong === 0 ? far : `${far}，${word('countWrong', { count: wrong })}`
      count.classList.toggle('over', wrong > 0)
      found.replaceChildren(
        ...(findings.length === 0
          ? [h('li', { class: 'fine' }, word('checkFine'))]
          : findings.map(({ what, stops, shown }) =>
              h(
                'li',
                { class: stops ? 'stop' : 'advice' },
                h('b', {}, word(stops ? 'mustChange' : 'advice')),
                word(`find.${what}`, { shown }),
              ),
            )),
      )
    },
  }
}
