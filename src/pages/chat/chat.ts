import { compose } from './compose.ts'
import { openTalk } from './talk.ts'

const list = document.querySelector<HTMLElement>('#list')
const status = document.querySelector<HTMLElement>('#status')
const form = document.querySelector<HTMLFormElement>('#form')

if (list && status && form) {
  const talk = openTalk({ list, status, query: '', me: '我', they: '小助手' })
  compose(form, talk.say)
}

const bigger = document.querySelector<HTMLButtonElement>('#bigger')
bigger?.addEventListener('click', () => {
  const on = document.documentElement.classList.toggle('big')
  bigger.setAttribute('aria-pressed', String(on))
})
