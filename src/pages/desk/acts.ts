import type { DeskAct, NoticeShown } from '../../domain/desk-shown.ts'
import { button, h } from './element.ts'
import { word } from './words.ts'

/** What can be done with a notice now. What cannot be undone is asked once more, in its place. */
const asksFirst: readonly DeskAct[] = ['send_alone', 'stop', 'withdraw', 'correct', 'drop']
const mainActs: readonly DeskAct[] = ['propose', 'send_alone', 'approve', 'go_on']

export function actsBar(notice: Pick<NoticeShown, 'acts'>, take: (act: DeskAct) => void): HTMLElement {
  const bar = h('div', { class: 'acts' })
  const usual = (focus?: DeskAct) => {
    const buttons = notice.acts.map((act) =>
      button(word(`act.${act}`), () => (asksFirst.includes(act) ? ask(act) : take(act)), {
        'data-act': act,
        class: mainActs.includes(act) ? 'main' : undefined,
      }),
    )
    bar.replaceChildren(...buttons)
    if (focus) bar.querySelector<HTMLElement>(`[data-act="${focus}"]`)?.focus()
  }
  const ask = (act: DeskAct) => {
    const yes = button(word('yes'), () => take(act), { class: 'main', 'aria-describedby': 'sure' })
    bar.replaceChildren(
      h('p', { id: 'sure' }, word(`sure.${act}`)),
      yes,
      button(word('no'), () => usual(act)),
    )
    yes.focus()
  }
  usual()
  return bar
}
