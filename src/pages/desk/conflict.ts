import type { DraftSent, NoticeShown } from '../../domain/desk-shown.ts'
import { button, h } from './element.ts'
import { word } from './words.ts'

/** Two places changed one draft: both are shown, nothing is lost, and a person chooses. */
export function conflictView(
  theirs: NoticeShown,
  mine: Omit<DraftSent, 'version'>,
  choose: (keepMine: boolean) => void,
): HTMLElement {
  const changed = 'audience' in mine ? theirs.audience : 'more' in mine ? theirs.more : theirs.text
  return h(
    'section',
    { class: 'card conflict', tabindex: -1, role: 'alert' },
    h('p', {}, word('changed')),
    h('p', {}, h('b', {}, word('conflict'))),
    h('blockquote', {}, changed === '' ? word('untitled') : changed),
    button(word('keepMine'), () => choose(true), { class: 'main' }),
    button(word('keepTheirs'), () => choose(false)),
  )
}
