import { z } from 'zod'

/** What a district decides about its notices: who they are from, where links may lead, and the templates. */
export const NoticeRules = z.strictObject({
  /** 落款: whose notices these are, in words a resident knows. */
  sender: z.string().trim().min(1),
  /** Hosts that a link may lead to, subdomains included; any other link stops a notice. */
  links: z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, '写网站的名字,比如 www.xm.gov.cn'),
    )
    .default([]),
  /** Texts with places in braces that are still to be filled in. */
  templates: z
    .array(
      z.strictObject({
        name: z.string().trim().min(1).max(12),
        kind: z.enum(['notice', 'activity', 'emergency']),
        text: z.string().trim().min(1).max(300),
      }),
    )
    .default([]),
})
export type NoticeRules = z.infer<typeof NoticeRules>

export const noRules: NoticeRules = { sender: '本区社工服务', links: [], templates: [] }
