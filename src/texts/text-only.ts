import type { SpokenKey } from './en.ts'

/** 只能打字: who cannot hear or speak is never sent to a telephone. Text messages to the police, people near by, this chat. */
export const zhTextOnly = {
  'resident.noticeRefused': '好的，我不记。您可以打“人工”，请值班人员在这里打字和您说话。',
  'crisis.suicide':
    '我看到了您的话，很担心您。\n有危险请马上发短信到12110592，写清在哪里、什么事，或者去找身边的人。\n我已经在通知值班工作人员，会在这里打字。您现在安全吗？',
  'crisis.violence':
    '先保证自己安全，能离开就先离开。\n马上发短信到12110592报警，写清在哪里、什么事。手机调成静音。\n我已经在通知值班工作人员。您现在安全吗？',
  'crisis.medical':
    '这很急。请马上找身边的人叫救护车，或发短信到12110592，写清地方。\n能的话，打开门等人来。\n我已经在通知值班工作人员。身边有人吗？',
  'crisis.fire':
    '请马上离开，不要回去拿东西，不要开关电器。\n到外面找人叫消防，或发短信到12110592。\n我已经在通知值班工作人员。您现在安全吗？',
  'crisis.missing':
    '请马上发短信到12110592报警，或去派出所，不用等24小时。\n写清穿什么衣服、最后在哪里看到。\n我已经在通知值班工作人员。最后在哪里看到的？',
  'crisis.child_harm':
    '你告诉我，做得对，这不是你的错。\n有危险马上发短信到12110592，或者去找一个你信得过的大人。\n我已经在通知值班工作人员。你现在安全吗？',
  'crisis.unclear':
    '我看到了您在求救。\n有危险请马上发短信到12110592，写清在哪里、什么事，或者去找身边的人。\n我已经在通知值班工作人员。您现在安全吗？',
  'crisis.others':
    '谢谢您告诉我们。\n有人有危险，请马上发短信到12110592，写清在哪里、什么事。先保证自己安全，不要自己去拦。\n我已经在通知值班工作人员。人在哪里？请说小区、楼号、门牌。',
  'resident.refusedBefore': '您说过先不记，我就没有记。\n您可以在这里直接和真人打字说话。',
  'crisis.textOnly': '可以发短信到12110592，写清在哪里、什么事。',
  'crisis.unsafe': '请马上发短信到12110592，写清在哪里、什么事。我再次提醒工作人员。\n您在哪里？请说小区、楼号、门牌。',
  'crisis.stillSearching':
    '还没有联系上工作人员，正在找下一位，不会停。\n有危险请马上发短信到12110592，或者去找身边的人。',
  'crisis.stay': '收到，已经转给工作人员，我一直在。\n有危险请马上发短信到12110592。',
  'voice.danger': '如果有危险，请马上发短信到12110592，或者去找身边的人。',
} as const satisfies Partial<Record<SpokenKey, string>>

export const enTextOnly = {
  'resident.noticeRefused':
    'OK, I will not write anything down. Write “person” and the person on duty will write to you here.',
  'crisis.suicide':
    'I read your words and I am worried about you.\nIn danger, send a text message to 12110592 now: where you are, what happened. Or go to someone near.\nI am telling the workers on duty. They will write here. Are you safe now?',
  'crisis.violence':
    'Your safety first. Get away if you can.\nSend a text message to the police, 12110592, now. Say where you are. Mute your device.\nI am telling the workers on duty. Are you safe now?',
  'crisis.medical':
    'This is urgent. Ask someone near you to get an ambulance, or send a text message to 12110592 with the place.\nIf you can, open the door and wait.\nI am telling the workers on duty. Is someone with you?',
  'crisis.fire':
    'Get out now. Do not go back for things. Do not touch switches.\nOutside, ask someone to get the fire brigade, or send a text message to 12110592.\nI am telling the workers on duty. Are you safe now?',
  'crisis.missing':
    'Send a text message to the police, 12110592, or go to the police station. You need not wait 24 hours.\nSay what the person wears and where they were last seen.\nI am telling the workers on duty. Where were they last seen?',
  'crisis.child_harm':
    'You did the right thing by telling me. It is not your fault.\nIn danger, send a text message to 12110592, or go to a grown-up you trust.\nI am telling the workers on duty. Are you safe now?',
  'crisis.unclear':
    'I see that you are calling for help.\nIn danger, send a text message to 12110592: where you are, what happened. Or go to someone near.\nI am telling the workers on duty. Are you safe now?',
  'crisis.others':
    'Thank you for telling us.\nIf someone is in danger, send a text message to 12110592: where, what happened. Stay safe yourself. Do not step in between.\nI am telling the workers on duty. Where are they? Please say the estate, building and door.',
  'resident.refusedBefore': 'You said not to write it down, so I did not.\nYou can write to a person right here.',
  'crisis.textOnly': 'You can send a text message to 12110592. Say where you are and what happened.',
  'crisis.unsafe':
    'Send a text message to 12110592 now. I am reminding the workers again.\nWhere are you? Please say the estate, building and door.',
  'crisis.stillSearching':
    'No worker has been reached yet. I am asking the next one and will not stop.\nIn danger, send a text message to 12110592, or go to someone near.',
  'crisis.stay': 'I passed it to the workers and am staying with you.\nIn danger, send a text message to 12110592 now.',
  'voice.danger': 'If there is danger, send a text message to 12110592 now, or go to someone near.',
} as const satisfies Record<keyof typeof zhTextOnly, string>
