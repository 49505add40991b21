import type { SpokenKey } from './en.ts'

/** 简单点: one idea a line, a dozen characters at most, the same word for the same thing. */
export const zhPlain = {
  'resident.greeting': '您好。\n我是机器。\n我帮您找社工。\n社工会来帮忙。\n有难处，直接说。\n要找人，打“人工”。',
  'resident.notice': '我要记下您的话。\n只给帮您的人看。\n不想留，打“删除我的信息”。\n可以记吗？',
  'resident.noticeDetail':
    '我会记：\n您的难处。\n您住的社区。\n怎么找到您。\n您的病、残疾，也可能记。\n不说，就难帮您。\n到期会删掉。\n不要了，打“不用了”。',
  'resident.noticeRefused': '好，我不记。\n可以打12345。\n那里一直有人。\n也可以打“人工”。',
  'ask.subject': '谁要帮忙？',
  'ask.words': '有什么难处？\n打字可以。\n发语音也可以。',
  'ask.community': '您住在哪里？\n小区、路名都行。',
  'ask.communityUnknown': '我没找到这里。\n先记您的话。\n工作人员再问您。',
  'ask.programme': '是哪一种人？',
  'ask.contact': '怎么找您？',
  'ask.phone': '电话是多少？',
  'ask.phoneAgain': '号码好像不对。\n请再发一次。\n手机号是11位。',
  'confirm.readBack': '我记下了。\n给谁：{who}\n社区：{community}\n难处：{words}\n怎么找您：{contact}\n对吗？',
  receipt:
    '记好了。\n您不用再做别的。\n编号{number}。\n查询码{code}。\n我在找人帮您。\n{by}前，有人回您。\n{owner}负责。',
  'receipt.triage': '记好了。\n您不用再做别的。\n编号{number}。\n查询码{code}。\n{owner}先看。\n{by}前，回您。',
  'receipt.how': '有话，接着说。\n问进展，打“进度”。\n不要了，打“取消”。',
  'human.called': '好。\n我告诉了{owner}。\n{owner}是真人。\n{by}前，回您。',
  'human.calledAgain': '我又告诉了{owner}。\n{by}前，回您。',
  accepted: '{worker}来帮您。\n求助{number}。\n{by}前，和您说话。\n有话，写在这里。',
  handedOn: '{worker}在换人帮您。\n换好前，还是{worker}负责。',
  escalated: '还没找到人。\n我在找下一位。\n{owner}会盯着。',
  'status.none': '没有在办的事。\n有难处，直接说。',
  'status.searching': '还没找到人。\n我在找下一位。\n{owner}负责。\n{by}前，有人回您。',
  'status.active': '{worker}在帮您。\n有话，写在这里。',
  'withdraw.ask': '求助{number}，不要了吗？',
  'feedback.solved': '{worker}说办好了。\n求助{number}。\n解决了吗？',
  'chat.unsure': '要人帮忙吗？',
  stale: '这个按钮没用了。\n要什么，直接说。',
  unsupported: '我看不懂这个。\n请打字。\n也可以打“人工”。',
  'delete.asked': '好。\n{owner}来删。\n{by}前，回您。\n急的事，先留着。',
} as const satisfies Partial<Record<SpokenKey, string>>
