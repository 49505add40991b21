import type { NoticeKind } from '../domain/notice.ts'
import type { OutboundMedia } from '../domain/words.ts'

/** What a coordinator can order about notices; `draft` null: the newest of what they are writing. */
export type NoticeOrder =
  | { readonly act: 'begin' }
  | { readonly act: 'begin_anew' }
  | { readonly act: 'resume' | 'drop' | 'ask_kind' | 'propose' | 'send_alone'; readonly draft: number | null }
  | { readonly act: 'alt'; readonly draft: number | null; readonly words: string }
  | { readonly act: 'text' | 'more' | 'audience'; readonly draft: number | null; readonly words: string }
  /** A picture or a recording for the draft; `alt`: what is on it, if it was sent along. */
  | {
      readonly act: 'attach'
      readonly draft: number | null
      readonly media: OutboundMedia
      readonly alt: string | undefined
    }
  | { readonly act: 'detach'; readonly draft: number | null; readonly what: 'picture' | 'voice' }
  | { readonly act: 'kind'; readonly draft: number; readonly kind: NoticeKind }
  | {
      readonly act: 'start_at' | 'expires_at'
      readonly draft: number | null
      /** `undefined`: not understood. */
      readonly at: Date | undefined
    }
  | { readonly act: 'templates' }
  | {
      readonly act: 'template'
      readonly draft: number | null
      /** It takes the place of what is being written now; otherwise it begins a notice of its own. */
      readonly writing: boolean
      readonly name: string
      readonly values: readonly string[]
    }
  | { readonly act: 'approve' | 'refuse'; readonly id: number; readonly version: number }
  | { readonly act: 'pause' | 'go_on' | 'stop' | 'withdraw' | 'unreached' | 'take_back'; readonly id: number }
  | { readonly act: 'correct'; readonly id: number; readonly words: string }
  | { readonly act: 'progress'; readonly id: number | undefined }
  | { readonly act: 'door'; readonly id: number; readonly community: string; readonly code: string }
  | { readonly act: 'wrong'; readonly why: 'correct' | 'door' }

/** What a receiver can do with a notice, whoever they are. */
export type NoticeAnswer =
  | { readonly act: 'sign_up' | 'more' | 'who' | 'hear' | 'opt_out'; readonly id: number }
  | { readonly act: 'cancel_sign_up'; readonly id: number }
  | { readonly act: 'opt_out_all' | 'opt_in' | 'none' }
  | { readonly act: 'place'; readonly communityId: number | undefined }
  /** 已告知, by the colleague who was asked to tell this person. */
  | { readonly act: 'tick'; readonly id: number; readonly personId: number }
