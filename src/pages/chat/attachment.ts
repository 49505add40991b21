/** A recording, picture, film or file of a message, as something a person can open. */
export interface ShownMedia {
  readonly kind: 'voice' | 'picture' | 'video' | 'file'
  /** Answers only to who may see it. */
  readonly url: string
  readonly seconds?: number
}

/** Nothing is fetched before it is asked for: only a picture, which would otherwise be an empty frame. */
export function attachmentElement({ kind, url, seconds }: ShownMedia): HTMLElement {
  switch (kind) {
    case 'voice': {
      const player = document.createElement('audio')
      player.controls = true
      player.preload = 'none'
      player.src = url
      player.setAttribute('aria-label', seconds === undefined ? '语音' : `语音，${seconds}秒`)
      return player
    }
    case 'video': {
      const player = document.createElement('video')
      player.controls = true
      player.preload = 'none'
      player.src = url
      player.setAttribute('aria-label', '视频')
      return player
    }
    case 'picture': {
      const link = opening(url)
      const picture = document.createElement('img')
      picture.src = url
      picture.alt = '图片，点开看大图'
      picture.loading = 'lazy'
      link.append(picture)
      return link
    }
    case 'file': {
      const link = opening(url)
      link.textContent = '打开文件'
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
