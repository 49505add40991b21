/** The page's one live region: what is new is said once, politely, and nothing is cut off by what follows at once. */
export function announcer(region: HTMLElement): (text: string) => void {
  return (text) => {
    if (text === '') return
    const line = document.createElement('p')
    line.textContent = text
    region.append(line)
    while (region.childElementCount > kept) region.firstElementChild?.remove()
  }
}

/** Lines that stay in the region; a screen reader has long taken up older ones. */
const kept = 4
