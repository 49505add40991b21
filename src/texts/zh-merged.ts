/** What a resident reads when a colleague is on their matter already. Of anybody else who told of it, not a word. */
export const zhMerged = {
  'merged.taken':
    '已经有同事在跟进您说的这件事，是{worker}。\n最晚{by}前会和您说话。\n您可以直接在这里给{worker}留言。',
  'merged.waiting': '您的求助{number}由{owner}负责，正在找同事来办。\n最晚{by}前有人答复您。',
  'parted.taken': '您的求助{number}现在由{worker}单独跟进。\n最晚{by}前会和您说话。',
  'parted.waiting': '您的求助{number}现在单独办，由{owner}负责，正在找同事来接。\n最晚{by}前有人答复您。',
} as const
