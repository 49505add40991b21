import type { DeskAct, NoticeShown, Preview, Progress } from '../../domain/desk-shown.ts'
import { actsBar } from './acts.ts'
import { get } from './api.ts'
import type { Open } from './editor.ts'
import { h, lines } from './element.ts'
import { parts as previewParts } from './preview.ts'
import { word } from './words.ts'

/** A notice that is not written any more: waiting for a second person, on its way, or over. */
export function shown(first: NoticeShown, take: (act: DeskAct, version: number) => void): Open {
  const state = h('p', { class: 'state' })
  const live = h('div', { class: 'live' })
  const acts = h('div')
  const before = { live: '', acts: '' }

  const refresh = (notice: NoticeShown) => {
    state.textContent = [
      notice.kind,
      notice.state,
      notice.approvedBy === '' ? '' : word('approved', { who: notice.approvedBy }),
    ]
      .filter((part) => part !== '')
      .join(' · ')
    const progress = JSON.stringify(notice.progress)
    if (notice.progress && progress !== before.live) live.replaceChildren(...progressView(notice, notice.progress))
    before.live = progress
    const possible = `${notice.acts} ${notice.version}`
    if (possible !== before.acts) acts.replaceChildren(actsBar(notice, (act) => take(act, notice.version)))
    before.acts = possible
  }
  refresh(first)
  if (first.status === 'proposed') void preview(first.id, live)
  return {
    element: h(
      'div',
      { class: 'shown' },
      state,
      h('p', { class: 'bubble' }, `【${first.kind}】${first.text}`),
      first.more !== '' && h('p', { class: 'detail' }, h('b', {}, word('more')), `：${first.more}`),
      h('p', {}, word('audienceRead', { audience: first.audience })),
      h('p', { class: 'quiet' }, first.own ? word('mine') : word('by', { author: first.author })),
      live,
      acts,
    ),
    refresh,
    close: () => undefined,
  }
}

async function preview(id: number, into: HTMLElement): Promise<void> {
  const answered = await get<Preview>(`notices/${id}/preview`)
  if (answered.ok && 'count' in answered.body)
    into.replaceChildren(h('section', { class: 'card' }, h('h3', {}, word('preview')), ...previewParts(answered.body)))
}

function progressView(notice: NoticeShown, progress: Progress): HTMLElement[] {
  const { done, all, id } = notice
  const { percent, pace, outcomes, signedUp, unreached, over } = progress
  const far = word('progressOf', { done, all, percent })
  return [
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'progress' },
      h('h3', { id: 'progress' }, word('progress')),
      h('progress', { max: Math.max(1, all), value: done, 'aria-label': word('progress') }),
      h('p', { class: 'big' }, far),
      lines(pace),
    ),
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'outcomes' },
      h('h3', { id: 'outcomes' }, word('outcomes')),
      lines(signedUp === '' ? outcomes : [...outcomes, signedUp]),
    ),
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'unreached' },
      h('h3', { id: 'unreached' }, word('unreached')),
      lines(unreached) ?? h('p', {}, over ? word('allReached') : '—'),
      unreached.length > 0 && h('a', { class: 'button', href: `/desk/notices/${id}/unreached.xlsx` }, word('download')),
    ),
  ]
}
