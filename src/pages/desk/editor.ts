import type { DeskAct, DeskFacts, DraftSent, NoticeShown, Preview } from '../../domain/desk-shown.ts'
import { actsBar } from './acts.ts'
import { get } from './api.ts'
import { audienceField } from './audience.ts'
import { checkView } from './check.ts'
import { conflictView } from './conflict.ts'
import { h } from './element.ts'
import { kindField, textField, timeField } from './fields.ts'
import { placesFields } from './places.ts'
import { previewView } from './preview.ts'
import { makeSaving } from './saving.ts'
import { word } from './words.ts'

/** One draft, being written: stored as it is typed, checked and counted beside it. */
export interface Open {
  readonly element: HTMLElement
  /** Take note of what the server says now. */
  refresh(notice: NoticeShown): void
  close(): void
}

interface Parts {
  readonly facts: DeskFacts
  readonly tell: (text: string) => void
  readonly take: (act: DeskAct, version: number) => void
  readonly again: () => void
}

export function editor(notice: NoticeShown, { facts, tell, take, again }: Parts): Open {
  const check = checkView(facts.links)
  const preview = previewView()
  const saved = h('p', { class: 'quiet saved', role: 'status' })
  const trouble = h('div')
  const acts = h('div')

  const saving = makeSaving(notice.id, notice.version, {
    saved: (now, change) => {
      show(now)
      // Words alone change nobody's getting it.
      if (Object.keys(change).some((part) => part !== 'text' && part !== 'more')) void look()
    },
    conflict: (theirs, mine) => {
      saved.textContent = ''
      const view = conflictView(theirs, mine, (keepMine) => {
        trouble.replaceChildren()
        if (keepMine) return saving.goOn(theirs.version, true)
        saving.goOn(theirs.version, false)
        again()
      })
      trouble.replaceChildren(view)
      view.focus()
    },
    refused: (message, change) => {
      if ('audience' in change) audience.refuse(message)
      else tell(message)
    },
    state: (name) => {
      saved.textContent = word(name)
    },
  })
  const change = (sent: Omit<DraftSent, 'version'>) => saving.change(sent)
  const lookAtWords = () => {
    check.look(text.box.value, more.box.value)
    preview.phone(kind, text.box.value)
  }
  const text = textField('text', notice.text, 4, (value) => {
    places.typed(value)
    lookAtWords()
    change({ text: value })
  })
  text.field.append(check.count)
  const more = textField('more', notice.more, 3, (value) => {
    lookAtWords()
    change({ more: value })
  })
  const places = placesFields(notice.text, (filled) => {
    text.box.value = filled
    lookAtWords()
    change({ text: filled })
  })
  const audience = audienceField(facts, (sentence) => change({ audience: sentence }))

  let kind = notice.kind
  let possible = ''
  function show(now: NoticeShown): void {
    kind = now.kind
    preview.phone(kind, text.box.value)
    audience.show(now.sentence, now.audience)
    if (possible === String(now.acts)) return
    possible = String(now.acts)
    acts.replaceChildren(
      actsBar(now, async (act) => {
        // What goes out is what stands here: first it is stored.
        if (act === 'drop' || (await saving.flush())) take(act, saving.version())
      }),
    )
  }
  let asked = 0
  async function look(): Promise<void> {
    const mine = ++asked
    const answered = await get<Preview | Record<string, never>>(`notices/${notice.id}/preview`)
    if (answered.ok && mine === asked) preview.show('count' in answered.body ? (answered.body as Preview) : undefined)
  }

  audience.replace(notice.sentence)
  show(notice)
  lookAtWords()
  void look()
  const hurry = () => void saving.flush()
  addEventListener('pagehide', hurry)
  return {
    element: h(
      'div',
      { class: 'editor' },
      h(
        'div',
        { class: 'form' },
        trouble,
        notice.mayChangeKind
          ? kindField(notice.kindName, (kind) => change({ kind }))
          : h('p', { class: 'tag' }, notice.kind),
        places.field,
        text.field,
        h(
          'div',
          { class: 'after' },
          more.field,
          audience.field,
          h(
            'fieldset',
            { class: 'times' },
            h('legend', {}, word('times')),
            timeField('startAt', notice.startAt, (value) => change({ startAt: value })),
            timeField('expiresAt', notice.expiresAt, (value) => change({ expiresAt: value })),
          ),
        ),
      ),
      h('div', { class: 'beside' }, check.view, preview.view, saved, acts),
    ),
    refresh: () => undefined,
    close: () => {
      removeEventListener('pagehide', hurry)
      hurry()
    },
  }
}
