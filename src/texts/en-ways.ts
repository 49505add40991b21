import type { zhWays } from './zh-ways.ts'

export const enWays = {
  'prefer.again.none': 'I have not said anything yet. Just tell me what you need help with.',
  'prefer.slowly': 'OK. I will go slowly, one sentence on each line.',
  'prefer.plain': 'OK. I will use simple words.',
  'prefer.big': 'OK. The web page will use big text. In a chat app, make the text bigger in the phone settings.',
  'prefer.aloud': 'OK. The web page will read to you. The workers will know this too.',
  'prefer.textOnly': 'I will remember: text only. Nobody will phone you.',
  'prefer.mayPhone': 'I will remember: we may phone you.',
  'prefer.minnan':
    'I will remember: you speak Minnan. I will first look for someone who understands it. You can also send voice messages.',
  'prefer.english': 'OK. I will write in English.',
  'prefer.chinese': 'OK. I will write in simplified Chinese.',
  'prefer.traditional': 'OK. I will write in traditional Chinese.',
  'prefer.usual': 'OK. I will write as usual.',

  'link.made':
    'Link code: {code}\nIn your other chat, send: link {code}\nIt is valid for half an hour and works once. Do not give it to anyone: they could read your words.',
  'link.bad': 'This link code does not work: it is wrong, used or too old. Please write “link” again.',
  'link.tooMany': 'Too many tries. Please try again in an hour.',
  'link.here': 'This is the same chat. There is nothing to link.',
  'link.asked': 'Please go back to the first chat and tap “It is me”. Then the two are linked.',
  'link.confirm': 'Someone said your link code in another chat. Is it you?',
  'link.yes': 'It is me',
  'link.no': 'Not me',
  'link.done':
    'The two chats are linked. You can see your requests in both.\nWrite “answer here” to get answers here. Write “unlink” to separate them.',
  'link.refused': 'OK. They are not linked. Nobody there can see your words.',
  'link.refusedThere': 'Not linked: the first chat said it was not the same person.',
  'link.staff': 'A worker’s chat cannot be linked.',
  'unlink.done': 'They are separated. Other chats cannot see what is said here.',
  'unlink.none': 'You have no other chat linked.',
  'answersHere.done':
    'OK. Answers will come to this chat from now on. Another one is used only when this one does not work.',
  'answersHere.alone': 'This is your only chat. Answers come here anyway.',

  'share.ask': 'Who is speaking now? Each person’s words are kept apart.',
  'share.place': 'Person {place}',
  'share.new': 'Someone new',
  'share.done': 'OK. This is person {place} now. You cannot see what the person before you said.',
  'share.for': '[For person {place}] {text}',
  'share.full': 'This phone already has {count} people. Please write “person”.',

  'block.told':
    '{owner} has stopped your ordinary messages until {until}.\nIn danger, still write: I will find someone at once.',
  'block.still':
    'Ordinary messages are stopped until {until}. This one was not passed on. In danger, still write: I will find someone at once.',
  'block.lifted': 'Ordinary messages work again. Just tell me what you need help with.',
  slowed:
    'You are writing very fast. I will read it all together in a while. Nothing is lost. Words of danger are read at once.',
} as const satisfies Record<keyof typeof zhWays, string>
