import type { zhMedia } from './zh-media.ts'

/** What a resident reads of recordings, pictures and files; the rest is for colleagues, or is read by nobody in a chat. */
export const enMedia = {
  'media.voice': 'voice message',
  'media.picture': 'picture',
  'media.video': 'video',
  'media.file': 'file',
  'media.other': '(a sticker, or a message I cannot read)',

  'media.refused.too_large':
    'Your {what} is too large and was not kept. Please send a shorter or smaller one, or just write it.',
  'media.refused.type': 'I cannot take this {what}. Please send a voice message or a photo, or just write.',
  'media.refused.unreadable': 'Your {what} could not be opened and was not kept. Please send it again, or just write.',
  'media.refused.infected': 'A virus was found in your {what}. It was not kept. Please send a photo, or write.',
  'media.refused.unavailable': 'Your {what} did not arrive. Please send it again, write, or say “person”.',

  'voice.danger': 'If there is danger, call 110 or 120 now. Do not wait.',
  'voice.heardBack': 'A machine listened, and it may be wrong. I heard:\n{text}\nIs that right?',
  'voice.heardBack.yes': 'Right',
  'voice.heardBack.no': 'Not right',
  'voice.notHeard':
    'OK, I will not keep it like that. {owner} will listen to your recording and answer you by {by}.\nYou can also say it again, or write.',
  'voice.toPerson':
    'I could not make out the words in your recording. It has gone to {owner}, who will listen and answer you by {by}.\nIf you can write, you may write too.',

  'identity.hidden':
    'I have covered the identity number you sent. Nobody else will see it. You never need to send one here.',

  'aloud.label': 'Read by a machine.',
  'aloud.caption': '[Read by a machine]',
  'aloud.recording': '[Recording] A person reads this notice.',
} as const satisfies Partial<Record<keyof typeof zhMedia, string>>
