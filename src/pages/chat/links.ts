/** Links into this very site can be opened from what was said; any other stays words, to be read and not to be tapped. */
export function withLinks(text: string): (string | HTMLAnchorElement)[] {
  return text
    .split(/(https?:\/\/[^\s，。；！？、）】”]+)/u)
    .map((part, i) => (i % 2 === 1 && isHere(part) ? link(part) : part))
}

const isHere = (url: string): boolean => URL.canParse(url) && new URL(url).origin === location.origin

function link(url: string): HTMLAnchorElement {
  const made = document.createElement('a')
  made.href = url
  made.target = '_blank'
  made.rel = 'noopener'
  made.textContent = url
  return made
}
