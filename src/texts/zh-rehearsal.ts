/** What a coordinator reads after a rehearsal. */
export const zhRehearsal = {
  'rehearsal.head': '演练：{from}起{days}天，按现在的班表和合同，{requests}件求助（种子{seed}）',
  'rehearsal.urgency': '{urgency}：{requests}件，按时有人接{percent}%，一半在{median}分钟内，95%在{p95}分钟内',
  'rehearsal.closed': '办结{closed}件；升级到协调员{coordinator}件；没有合同或名额、由协调员定的{unplaced}件',
  'rehearsal.promises': '承诺检查：每件都有责任人和时限，没有两人同接，没有超过上限，没有错过时限却不升级的。',
  'rehearsal.broken': '发现{count}处不该有的情况：',
  'rehearsal.late': '没有按时有人接的{count}件（都已升级）。最晚的：',
  'rehearsal.lateLine': '{at} {urgency}求助{number}，晚{minutes}分钟，问过{asked}人',
  'rehearsal.holes': '班表上的空班和单薄处{count}处：',
  'rehearsal.noHoles': '班表没有空班，处处有备班。',
  'rehearsal.killed': '派单的程序中途被杀掉{killed}次，每次都从记录接着做。',
  'rehearsal.day': '{day} 已有{requests}件',
  'rehearsal.usage':
    'linbang rehearse [--days 31] [--per-day 40] [--from 2026-10-01] [--seed 1] [--kills 20]\n用现在的班表、合同和时限演练一段时间：居民求助，同事有的接、有的不接、有的睡着，有人生病、换班、丢手机。\n在另一份数据上演练，不动真实的求助，也不给任何人发消息。\n--days 演练几天；--per-day 一天大约几件；--from 从哪天起；--seed 换个数字就是另一种运气，同一个数字每次一样；--kills 中途杀掉派单的程序几次。\n最后告诉您：每种紧急程度多少件按时有人接，哪些晚了，班表哪里空、哪里只有一人，有没有哪件失了承诺。',
} as const
