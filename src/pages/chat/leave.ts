/**
 * 离开: the screen is empty before the next page has begun to load, "back" does not lead here again, and whoever opens the
 * page next sees a plain cover first. What was written and has not arrived stays, unseen, and is sent when the page is open.
 */
export function leaveBy(link: HTMLAnchorElement, hide: () => void): void {
  const leave = (event: Event) => {
    event.preventDefault()
    cover(true)
    hide()
    location.replace(link.href)
  }
  link.addEventListener('click', leave)
  let escapes = 0
  addEventListener('keydown', (event) => {
    escapes = event.key === 'Escape' ? escapes + 1 : 0
    if (escapes === 2) leave(event)
  })
  // A page taken out of the browser's memory by "back" is shown as it was left: covered.
  addEventListener('pageshow', (event) => {
    if (event.persisted && covered()) hide()
  })
}

const key = 'linbang.covered'

export function covered(): boolean {
  try {
    return localStorage.getItem(key) !== null
  } catch {
    return false
  }
}

export function cover(on: boolean): void {
  try {
    if (on) localStorage.setItem(key, '1')
    else localStorage.removeItem(key)
  } catch {
    // a browser that keeps nothing has nothing to cover on the next visit either: its cookie is gone too
  }
}
