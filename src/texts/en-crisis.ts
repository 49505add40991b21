import type { zhCrisis } from './zh-crisis.ts'

/** The fixed words of a crisis, for those who read English. The right number first, at most three. */
export const enCrisis = {
  'crisis.suicide':
    'I read your words and I am worried about you.\nIn danger, call 120 or 110 now. To talk to someone, call 12356.\nI am telling the workers on duty. Are you safe now?',
  'crisis.violence':
    'I read your words.\nYour safety first. Get away if you can.\nCall 110 now. If you cannot speak, send a text message to 12110592.\nI am telling the workers on duty. Are you safe now?',
  'crisis.medical':
    'This is urgent. Call 120 now and do what the person on the line says.\nIf you can, open the door and wait.\nI am telling the workers on duty. Is someone with you?',
  'crisis.fire':
    'Get out now. Call 119 from outside. Do not go back for things. Do not touch switches.\nI am telling the workers on duty. Are you safe now?',
  'crisis.missing':
    'Call 110 now. You need not wait 24 hours.\nTell them what the person wears and where they were last seen.\nI am telling the workers on duty. Where were they last seen?',
  'crisis.child_harm':
    'You did the right thing by telling me. It is not your fault.\nIn danger, call 110 now, or go to a grown-up you trust.\nI am telling the workers on duty. Are you safe now?',
  'crisis.unclear':
    'I see that you are calling for help.\nIn danger call 110, ill or hurt 120, fire 119.\nI am telling the workers on duty. Are you safe now?',
  'crisis.others':
    'Thank you for telling us.\nIf someone is in danger, call 110, ill or hurt 120. Stay safe yourself. Do not step in between.\nI am telling the workers on duty. Where are they? Please say the estate, building and door.',
  'crisis.textOnly': 'If you cannot phone, send a text message to 12110592. Say where you are and what happened.',
  'crisis.safe.yes': 'Safe now',
  'crisis.safe.no': 'Not safe',
  'crisis.where': 'Where are you? Please say the estate, building and door.',
  'crisis.alone': 'Is someone with you? Who can come now?',
  'crisis.unsafe':
    'Call 110 now, ill or hurt 120. I am reminding the workers again.\nWhere are you? Please say the estate, building and door.',
  'crisis.heard': 'I got it and passed it to the workers. Please do not stay alone.',
  'crisis.confidence': 'For your safety I may have to tell people who can help you at once.',
  'crisis.accepted': '{worker} has seen your words and is dealing with it. You can talk with {worker} right here.',
  'crisis.stillSearching':
    'No worker has been reached yet. I am asking the next one and will not stop.\nIn danger call 110 or 120. To talk to someone call 12356.',
  'crisis.stay': 'I passed it to the workers and am staying with you.\nIn danger call 120 or 110.',
} as const satisfies Record<keyof typeof zhCrisis, string>
