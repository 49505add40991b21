/**
 * 离开: the screen is empty before the next page has begun to load, "back" does not lead here again, and whoever opens the
 * page next sees a plain cover first. What was written and has not arrived stays, unseen, and is sent when the page is open;
 * recordings and pictures that have not arrived are deleted.
 * @param hide clears everything; answers whether something that had not arrived was deleted.
 */
export function leaveBy(link: HTMLAnchorElement, hide: () => boolean): void {
  const leave = (event: Event) => {
    event.preventDefault()
    cover('clear')
    if (hide()) cover('lost')
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
    if (event.persisted && covered() !== undefined) hide()
  })
}

const key = 'linbang.covered'
/** `lost`: what had not arrived when the page was left was deleted, and its sender does not know it yet. */
export type Cover = 'clear' | 'lost'

export function covered(): Cover | undefined {
  try {
    const kept = localStorage.getItem(key)
    return kept === null ? undefined : kept === 'lost' ? 'lost' : 'clear'
  } catch {
    return undefined
  }
}

export function cover(how: Cover | undefined): void {
  try {
    // Left again before it was told: still untold.
    if (how !== undefined) localStorage.setItem(key, covered() === 'lost' ? 'lost' : how)
    else localStorage.removeItem(key)
  } catch {
    // a browser that keeps nothing has nothing to cover on the next visit either: its cookie is gone too
  }
}
