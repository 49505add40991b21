/** What is said of recordings, pictures and files. */
export const zhMedia = {
  'media.voice': '语音',
  'media.picture': '图片',
  'media.video': '视频',
  'media.file': '文件',
  'media.other': '（发来一个表情，或看不懂的消息）',

  'media.refused.too_large': '您发的{what}太大，没有收下。请发短一点或小一点的，也可以直接说。',
  'media.refused.type': '您发的{what}我收不了。请发语音、照片，或者直接打字。',
  'media.refused.unreadable': '您发的{what}打不开，没有收下。请重新发一次，也可以直接说。',
  'media.refused.infected': '您发的{what}查出有病毒，没有收下。请换一种方式，比如拍照或打字。',
  'media.refused.unavailable': '您发的{what}没有收到。请重新发一次，也可以打字，或打“人工”。',

  'media.notPassed.too_large': '（太大，没有收下。已请对方换一种方式，请您也问一下）',
  'media.notPassed.type': '（这种文件收不了。已请对方换一种方式，请您也问一下）',
  'media.notPassed.unreadable': '（打不开。已请对方重新发，请您也问一下）',
  'media.notPassed.infected': '（查出有病毒，没有转给您。请您问一下对方）',
  'media.notPassed.unavailable': '（没有取到。已请对方重新发，请您也问一下）',

  'media.post.tooLarge': '这个太大了，没有发出去。请短一点、小一点，或者分几次发。',
  'media.post.type': '这种文件发不了。请发语音、照片，或者直接打字。',
  'media.post.failed': '没有发出去，请再试一次，也可以直接打字。有危险请马上打110或120。',
  'media.notHere': '这里没有可以打开的内容。',

  'media.link': '点这里打开，{hours}小时内有效：{url}',
  'media.ofRequest': '求助{number}：居民发来的{what}',

  'voice.danger': '如果有危险，请马上打110或120，不用等。',
  'voice.heardBack': '机器听写，可能有错。我听到的是：\n{text}\n对吗？',
  'voice.heardBack.yes': '对',
  'voice.heardBack.no': '不对',
  'voice.notHeard': '好的，不照这个记。{owner}会听您的语音，最晚{by}前回复您。\n也可以再说一遍，或者打字。',
  'voice.onCard': '（发的是语音，要听）',
  'voice.marked': '【机器转写，可能有错】{text}',
  'voice.toPerson': '我听不出这段语音说了什么，已经转给{owner}来听。最晚{by}前回复您。\n能打字的话，也可以打字。',

  'identity.hidden': '您发的身份证号我已经遮住，不会转给别人。在这里不用发证件号。',
  'identity.mark': '（证件号已隐去）',

  'aloud.label': '机器朗读。',
  'aloud.caption': '【机器朗读】',
  'aloud.recording': '【录音】这条通知是人念的。',
} as const
