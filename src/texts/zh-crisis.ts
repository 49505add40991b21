/**
 * Crisis texts: fixed, short, reviewed; the right numbers first, at most three. Never a promise that somebody answered
 * before somebody did, never advice on methods or medicine, never blame.
 */
export const zhCrisis = {
  'crisis.suicide':
    '我看到了您的话，很担心您。\n有危险请马上打120或110。心里难受可以打12356，有人听您说。\n我已经在通知值班工作人员。您现在安全吗？',
  'crisis.violence':
    '收到您的话。\n先保证自己安全，能离开就先离开。\n马上打110。不方便出声，可以发短信到12110592。\n我已经在通知值班工作人员。您现在安全吗？',
  'crisis.medical':
    '这很急，请马上打120，照接线员说的做。\n能的话，打开门等人来。\n我已经在通知值班工作人员。身边有人吗？',
  'crisis.fire': '请马上离开，到外面再打119。不要回去拿东西，不要开关电器。\n我已经在通知值班工作人员。您现在安全吗？',
  'crisis.missing':
    '请马上打110报警，不用等24小时。\n告诉警察穿什么衣服、最后在哪里看到。\n我已经在通知值班工作人员。最后在哪里看到的？',
  'crisis.child_harm':
    '收到你的话。\n你告诉我，做得对，这不是你的错。\n有危险马上打110，或者去找一个你信得过的大人。\n我已经在通知值班工作人员。你现在安全吗？',
  'crisis.unclear':
    '我看到了您在求救。\n有危险请马上打110，伤病打120，着火打119。\n我已经在通知值班工作人员。您现在安全吗？',
  'crisis.others':
    '谢谢您告诉我们。\n有人有危险，请马上打110，伤病打120。先保证自己安全，不要自己去拦。\n我已经在通知值班工作人员。人在哪里？请说小区、楼号、门牌。',
  'crisis.textOnly': '不方便打电话，可以发短信到12110592，写清在哪里、什么事。',
  'crisis.safe.yes': '现在安全',
  'crisis.safe.no': '不安全',
  'crisis.where': '您在哪里？请说小区、楼号、门牌。',
  'crisis.alone': '身边有人吗？谁能马上过来？',
  'crisis.unsafe': '请马上打110，伤病打120。我再次提醒工作人员。\n您在哪里？请说小区、楼号、门牌。',
  'crisis.heard': '收到，已经转给工作人员。请先不要一个人待着。',
  'crisis.confidence': '为了您的安全，我可能要告诉能马上帮您的人。',
  'crisis.accepted': '{worker}已经看到您的话，正在处理。您可以直接在这里和{worker}说话。',
  'crisis.stillSearching':
    '还没有联系上工作人员，正在找下一位，不会停。\n有危险请马上打110或120。心里难受可以打12356。',
  'crisis.stay': '收到，已经转给工作人员，我一直在。\n有危险请马上打120或110。',
} as const
