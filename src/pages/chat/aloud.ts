/** 念给我听: the browser's own voice. Costs nothing, and no word leaves the device for it. */
export interface Aloud {
  readonly here: boolean
  say(text: string): void
  hush(): void
  slowly: boolean
}

export function makeAloud(): Aloud {
  const { speechSynthesis: synthesis } = window
  const here = synthesis !== undefined && typeof SpeechSynthesisUtterance === 'function'
  return {
    here,
    slowly: false,
    say(text) {
      if (!here) return
      const spoken = new SpeechSynthesisUtterance(digitByDigit(text))
      spoken.lang = document.documentElement.lang
      spoken.rate = this.slowly ? 0.65 : 0.9
      synthesis.speak(spoken)
    },
    hush: () => {
      if (here) synthesis.cancel()
    },
  }
}

/** A number to dial or to write down is read figure by figure, not as a quantity. */
const digitByDigit = (text: string): string => text.replace(/\d{3,}/g, (digits) => [...digits].join(' '))
