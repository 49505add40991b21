/** A recording, picture, film or file of a message, as something a person can open. */
export interface ShownMedia {
  readonly kind: 'voice' | 'picture' | 'video' | 'file'
  /** Answers only to who may see it. */
  readonly url: string
  readonly seconds?: number
}

/** What stands there for those who do not see it. */
export interface MediaWords {
  readonly voice: string
  /** With a place for `{seconds}`. */
  readonly seconds: string
  readonly film: string
  readonly openPicture: string
  readonly openFile: string
}

/** Nothing is fetched before it is asked for: only a picture, which would otherwise be an empty frame. */
export function attachmentElement({ kind, url, seconds }: ShownMedia, words: MediaWords): HTMLElement {
  switch (kind) {
    case 'voice': {
      const player = document.createElement('audio')
      player.controls = true
      player.preload = 'none'
      player.src = url
      player.setAttribute(
        'aria-label',
        [words.voice, ...(seconds === undefined ? [] : [words.seconds.replace('{seconds}', String(seconds))])].join(
          ' ',
        ),
      )
      return player
    }
    case 'video': {
      const player = document.createElement('video')
      player.controls = true
      player.preload = 'none'
      player.src = url
      player.setAttribute('aria-label', words.film)
      return player
    }
    case 'picture': {
      const link = opening(url)
      const picture = document.createElement('img')
      picture.src = url
      picture.alt = words.openPicture
      picture.loading = 'lazy'
      link.append(picture)
      return link
    }
    case 'file': {
      const link = opening(url)
      link.textContent = words.openFile
      return link
    }
  }
}

function opening(url: string): HTMLAnchorElement {
  const link = document.createElement('a')
  link.href = url
  link.target = '_blank'
  link.rel = 'noopener noreferrer'
  return link
}
