import type { zhWays } from './zh-ways.ts'

export const enWays = {
  'prefer.again.none': 'I have not said anything yet. Just say what is difficult.',
  'prefer.slowly': 'Good. I go slowly, one sentence a line.',
  'prefer.plain': 'Good. I use simple words.',
  'prefer.big': 'Good. The web page uses big text. In a chat app, make the text bigger in the phone settings.',
  'prefer.aloud': 'Good. The web page reads to you. The workers will know it too.',
  'prefer.textOnly': 'I remember: text only. Nobody will phone you.',
  'prefer.mayPhone': 'I remember: you may be phoned.',
  'prefer.minnan': 'I remember: you speak Minnan. I look first for someone who understands it.',
  'prefer.english': 'Good. I write English.',
  'prefer.chinese': 'Good. I write simplified Chinese.',
  'prefer.traditional': 'Good. I write traditional Chinese.',
  'prefer.usual': 'Good. I write as usual.',

  'link.made':
    'Link code: {code}\nIn your other chat, send: link {code}\nIt holds for half an hour and works once. Give it to nobody: who has it can read your words.',
  'link.bad': 'This link code does not work: misspelt, used or too old. Please write “link” again.',
  'link.tooMany': 'Too many tries. Please try again in an hour.',
  'link.here': 'This is the same chat. There is nothing to link.',
  'link.asked': 'Go back to the first chat and tap “It is me”. Then the two are linked.',
  'link.confirm': 'Someone said your link code in another chat. Is it you?',
  'link.yes': 'It is me',
  'link.no': 'Not me',
  'link.done':
    'The two chats are linked. You see your requests in both.\nWrite “answer here” to get answers here. Write “unlink” to part them.',
  'link.refused': 'Good. They are not linked. Nobody there sees your words.',
  'link.refusedThere': 'Not linked: the first chat says it is not the same person.',
  'link.staff': 'The chat of a worker cannot be linked.',
  'unlink.done': 'They are parted. Other chats do not see the words of this one.',
  'unlink.none': 'You have no other chat linked.',
  'answersHere.done': 'Good. Answers come to this chat from now on. Another one is used only when this one fails.',
  'answersHere.alone': 'You have only this chat. Answers come here anyway.',

  'share.ask': 'Who is speaking now? Each person’s words are kept apart.',
  'share.place': 'Person {place}',
  'share.new': 'Someone new',
  'share.done': 'Good. Now it is person {place}. You cannot ask for the words of the one before.',
  'share.for': '[For person {place}] {text}',
  'share.full': 'This phone already has {count} people. Please write “person”.',

  'block.told':
    '{owner} has stopped your ordinary messages until {until}.\nIn danger, still write: I find someone at once.',
  'block.still':
    'Ordinary messages are stopped until {until}. This one was not passed on. In danger, still write: I find someone at once.',
  'block.lifted': 'Ordinary messages work again. Just say what is difficult.',
  slowed: 'You write very fast. I read it all together in a while. Nothing is lost. Danger I read at once.',
} as const satisfies Record<keyof typeof zhWays, string>
