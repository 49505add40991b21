import type { DeskAct, DeskFacts, NoticeList, NoticeShown } from '../../domain/desk-shown.ts'
import type { NoticeStatus } from '../../domain/notice.ts'
import { get, post } from './api.ts'
import { editor, type Open } from './editor.ts'
import { at, h } from './element.ts'
import { makeList } from './list.ts'
import { shown } from './shown.ts'
import { makeWatch } from './watch.ts'
import { word } from './words.ts'

/**
 * The desk: where one is stands in the address, so that "back" and a reload lead where they should. What follows the `#` is
 * no id of the page: a browser would scroll there and take the focus away.
 */

const listEveryMs = 5_000
const progressEveryMs = 2_000
const watchEveryMs = 30_000

const tell = (text: string) => {
  at('status').textContent = text
}
let facts: DeskFacts | undefined
let drawList: ReturnType<typeof makeList> | undefined
let open: { readonly id: number; readonly draft: boolean; status: NoticeStatus; readonly view: Open } | undefined
const watch = makeWatch(tell)

async function start(): Promise<void> {
  const answered = await get<DeskFacts>('facts')
  if (!answered.ok) return tell(answered.message)
  facts = answered.body
  at('who').textContent = facts.name
  drawList = makeList(facts, begin)
  addEventListener('hashchange', () => void go())
  await go()
  every(listEveryMs, refreshList)
  every(progressEveryMs, refreshOpen)
  every(watchEveryMs, async () => (here().requests ? watch.refresh() : undefined))
}

/** Only while somebody looks, and never two at once. */
function every(ms: number, work: () => Promise<unknown>): void {
  setTimeout(async () => {
    if (!document.hidden) await work().catch(() => undefined)
    every(ms, work)
  }, ms)
}

function here(): { readonly requests: boolean; readonly notice?: number; readonly request?: number } {
  const [, place, id] = /^#(notice|request)-(\d{1,9})$/.exec(location.hash) ?? []
  if (place === 'notice') return { requests: false, notice: Number(id) }
  if (place === 'request') return { requests: true, request: Number(id) }
  return { requests: location.hash === '#/requests' }
}

async function go(): Promise<void> {
  const { requests, notice, request } = here()
  tell('')
  at('notices').hidden = requests
  at('requests').hidden = !requests
  for (const link of document.querySelectorAll('nav a')) {
    if ((link.getAttribute('href') === '#/requests') === requests) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  at('notices').classList.toggle('one', notice !== undefined)
  if (requests) await Promise.all([watch.refresh(), watch.open(request)])
  else await Promise.all([notice === undefined ? close() : openNotice(notice), refreshList()])
}

async function refreshList(): Promise<void> {
  if (here().requests) return
  const answered = await get<NoticeList>('notices')
  if (answered.ok) drawList?.(answered.body, here().notice)
  else tell(answered.message)
}

async function refreshOpen(): Promise<void> {
  if (!open || open.draft) return
  const { id, view } = open
  const answered = await get<NoticeShown>(`notices/${id}/progress`)
  if (!answered.ok || open?.view !== view) return
  // What was said of it before is no longer so.
  if (answered.body.status !== open.status) tell('')
  if (answered.body.status === 'draft') await openNotice(id)
  else {
    open.status = answered.body.status
    view.refresh(answered.body)
  }
}

function close(): void {
  open?.view.close()
  open = undefined
  at('pane').replaceChildren(h('p', { class: 'quiet pick-one' }, word('pickOne')))
}

async function openNotice(id: number): Promise<void> {
  const answered = await get<NoticeShown>(`notices/${id}`)
  if (!answered.ok) {
    close()
    return tell(answered.message)
  }
  show(answered.body)
}

function show(notice: NoticeShown): void {
  if (!facts) return
  close()
  const { id } = notice
  const draft = notice.status === 'draft' && notice.own
  const take = (act: DeskAct, version: number) => void takeAct(id, act, version)
  const view = draft ? editor(notice, { facts, tell, take, again: () => void openNotice(id) }) : shown(notice, take)
  open = { id, draft, status: notice.status, view }
  const title = h('h2', { tabindex: -1 }, `${word('notices')} ${id}`)
  at('pane').replaceChildren(h('a', { class: 'back', href: '#/notices' }, word('back')), title, view.element)
  title.focus({ preventScroll: true })
}

async function begin(template: string | undefined): Promise<void> {
  const answered = await post<NoticeShown>('notices', template === undefined ? {} : { template })
  if (!answered.ok) return tell(answered.message)
  location.hash = `#notice-${answered.body.id}`
}

async function takeAct(id: number, act: DeskAct, version: number): Promise<void> {
  const answered = await post<{ notice: NoticeShown; opened?: number; said: string }>(`notices/${id}/act`, {
    act,
    version,
  })
  if (!answered.ok) {
    const { notice, said } = (answered.body ?? {}) as { notice?: NoticeShown; said?: string }
    if (notice) show(notice)
    return tell(said ?? answered.message)
  }
  const { notice, opened, said } = answered.body
  if (opened !== undefined) location.hash = `#notice-${opened}`
  else if (notice.status === 'dropped') location.hash = '#/notices'
  else if (notice.status === 'draft' && !notice.own) location.hash = '#/notices'
  // A draft that could not go out yet stays as it is, under the hands of who writes it.
  else if (!(open?.draft && notice.status === 'draft')) show(notice)
  if (act !== 'take_back') setTimeout(() => tell(said), 0)
  await refreshList()
}

void start()
