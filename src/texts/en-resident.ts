import type { zhResident } from './zh-resident.ts'

/** What a resident who reads English is told: the same promises, in short sentences. */
export const enResident = {
  'resident.greeting':
    'Hello. I am the Linbang assistant of Huli District. I am a machine. I help you find a social worker, who can come to your home and help.\nJust tell me what you need help with. Write “person” at any time to reach a person.',
  'resident.iAmMachine': 'I am a machine, not a person. Write “person” and I will find a person for you.',
  'resident.notice':
    'I will write down what you tell me and how to reach you. Only the people who help you can see it. Write “delete my information” to have it removed.\nMay I write it down?',
  'resident.noticeDetail':
    'I write down: what you need help with, your community, how to reach you. This may include health or disability. Without it, the right help is hard to find.\nIt is kept as the rules say, then deleted. You can say “cancel” at any time.',
  'resident.notice.yes': 'Yes',
  'resident.notice.no': 'No',
  'resident.notice.more': 'Tell me more first',
  'resident.noticeRefused':
    'OK, I will not write anything down. You can call the government line 12345 at any hour.\nOr write “person” to talk to the person on duty.',
  'resident.noticeRefusedPerson': 'OK, I will not write anything down. {owner} is a person and will talk with you.',
  'resident.noticePerson':
    'I am asking {owner}, who is a person, to talk with you. You will have an answer by {by}.\nIf you like, I will pass on what you said before. May I write it down?',
  'resident.refusedBefore':
    'You said not to write it down, so I did not.\nYou can talk to a person, or call the government line 12345.',
  'resident.refusedBefore.yes': 'I changed my mind, you may',
  'resident.noticeAgain': 'One answer first, please: may I write it down and pass it to the people who help?',

  'ask.subject': 'Who needs help?',
  'ask.subject.self': 'Myself',
  'ask.subject.family': 'My family',
  'ask.subject.other': 'A neighbour or someone else',
  'ask.subjectKnows': 'Does the person ({kin}) know you are asking for help?',
  'ask.subjectKnows.yes': 'They know',
  'ask.subjectKnows.no': 'Not yet',
  'ask.subjectKnows.later': 'I would rather not say',
  'ask.words': 'What do you need help with? You can write or send a voice message.',
  'ask.community': 'Which community do you live in? The name of the estate or road will do.',
  'ask.communityWhich': 'Which of these communities?',
  'ask.communityOther': 'None of them',
  'ask.communityUnknown': 'I did not find this place. I will keep your words as they are. A worker will ask you again.',
  'ask.programme': 'Which of these is the person who needs help?',
  'ask.programme.elder': 'An older person',
  'ask.programme.disability': 'A person with a disability',
  'ask.programme.more': 'Something else',
  'ask.programmeMore': 'Then which of these?',
  'ask.programme.single_mother': 'A single mother',
  'ask.programme.migrant': 'Someone who came to Xiamen to work',
  'ask.programme.none': 'None of them',
  'ask.contact': 'How should the worker reach you?',
  'ask.contact.here': 'A message here',
  'ask.contact.phone': 'By phone',
  'ask.phone': 'Please send the phone number.',
  'ask.phoneAgain': 'That number does not look right. Please send it again. A mobile number has 11 digits.',

  'confirm.readBack':
    'I wrote down:\nFor: {who}\nCommunity: {community}\nHelp needed: {words}\nContact: {contact}\nIs that right?',
  'confirm.yes': 'Yes',
  'confirm.no': 'Change it',
  'confirm.cancel': 'Cancel',
  'confirm.what': 'What should I change? You can also just say what is right.',
  'confirm.what.subject': 'Who it is for',
  'confirm.what.community': 'Community',
  'confirm.what.words': 'Help needed',
  'confirm.what.more': 'Something else',
  'confirm.what.contact': 'Contact',
  'confirm.wordsAgain': 'Please tell me again what you need help with. I will keep the new words.',

  receipt:
    'It is written down. You need to do nothing more.\nNumber {number}, query code {code}.\nI am looking for a worker on duty. Someone will answer you by {by}.\n{owner} is responsible for it.',
  'receipt.triage':
    'It is written down. You need to do nothing more.\nNumber {number}, query code {code}.\n{owner} will look at it first and answer you by {by}.',
  'receipt.how': 'To add something, just say it. To ask how it is going, write “status”. To stop, write “cancel”.',
  'human.called':
    'OK. I passed it to {owner}, who is a person. You will have an answer by {by}.\nYou can already write here what it is about.',
  'human.calledAgain': 'I reminded {owner} again. You will have an answer by {by}.',
  added: 'Added to your request {number}.',
  addedRecording: 'I received your voice message {seconds}. A worker will listen to it as it is.',
  addedPicture: 'I received your {what}. A worker will look at it as it is.',

  nudge:
    'You had not finished. I kept your words. To go on, just write. You can also send a voice message, or write “person”.',
  'nudge.handedOver':
    'I passed what you said to {owner}. Someone will contact you by {by}. You need to do nothing more.',

  'status.none': 'You have no request under way. If you need help, just say so.',
  'status.line': 'Request {number}: {state}',
  'status.intake': 'Not finished yet. Just go on.',
  'status.triage': '{owner} is looking at it and will answer you by {by}.',
  'status.searching':
    'No worker has been reached yet. I am looking for the next one. {owner} is responsible. Someone will answer you by {by}.',
  'status.active': '{worker} has taken it. {worker} can read what you write here.',
  'status.reopened': '{owner} is working on it again and will answer you by {by}.',
  'status.resolved': '{worker} says it is done and is waiting for your answer.',
  'status.codeWrong': 'The number or the code is not right. Please check and send it again, like: 查 1001 123456.',
  'status.codeTooMany': 'Too many tries. Please try again in an hour, or write “person”.',

  accepted:
    '{worker} has taken your request {number}.\n{worker} will speak with you by {by}.\nYou can already leave a message for {worker} here.',
  handedOn: '{worker} is finding someone better suited for you. Until then {worker} stays responsible.',
  takenBack:
    'I have not heard from {worker}. I am finding someone else for you. Until then {worker} stays responsible.',
  escalated:
    'No worker has been reached yet. I am looking for the next one. {owner} knows, and will watch until someone takes it.',
  'relay.fromWorker': '{worker}: {text}',
  'relay.fromWorkerMedia': '{worker} sent a {what}.',
  'relay.toWorkerNotReached': 'Your words have not reached {worker} yet. {owner} has been asked to deal with it.',
  'relay.which': 'Which matter is this about?',
  'relay.new': 'Something new',

  'withdraw.ask': 'You do not need request {number} any more. Is that right?',
  'withdraw.which': 'Which one do you not need?',
  'withdraw.one': 'Request {number}',
  'withdraw.yes': 'Yes, cancel it',
  'withdraw.no': 'I still need it',
  'withdraw.done': 'Request {number} is cancelled. Come back at any time.',
  'withdraw.kept': 'OK. Request {number} goes on.',
  'withdraw.none': 'You have no request under way. There is nothing to cancel.',
  'withdraw.crisis':
    'Your safety comes first. The workers have been told.\nTalk with one of them first, then decide whether to cancel.',

  'unplaced.no_contract.resident':
    'No agency offers this where you live at the moment. {owner} will tell you by {by} who can help.',
  'unplaced.quota_used.resident':
    'This service has no free place this year. Your request stays open. {owner} will tell you by {by} what can be done.',
  'contract.ended.resident':
    'The contract of the agency that helped you has ended. Your request stays open. {owner} is responsible now and is looking for someone to go on.',
  'referral.consent':
    '{worker} would like to ask {agency} to help you, and to tell them what you said. Is that all right?',
  'referral.consent.yes': 'Yes',
  'referral.consent.no': 'No',
  'referral.yes': 'OK. {agency} is being asked. Until they take it, {worker} stays responsible.',
  'referral.no': 'OK. Nobody else will be told. {worker} stays responsible.',
  'referral.returned.resident': 'Nobody there can take it now. {worker} stays responsible for your request.',
  'feedback.solved': '{worker} says request {number} is done. Is it solved?',
  'feedback.solved.yes': 'Solved',
  'feedback.solved.no': 'Not solved',
  'feedback.satisfied': 'Thank you for telling me. Are you satisfied with the help?',
  'feedback.satisfied.yes': 'Satisfied',
  'feedback.satisfied.partly': 'Partly',
  'feedback.satisfied.no': 'Not satisfied',
  'feedback.thanks': 'I wrote it down. Thank you. If you need help again, come back at any time.',
  'feedback.reopened':
    'I see: it is not solved. It has gone to {owner}, who will deal with it again and answer you by {by}.',

  'chat.thanks': 'You are welcome. Just write when you need help.',
  'chat.here':
    'I am here. I am a machine and help you find a social worker. Just tell me what you need help with.\nWrite “person” to reach a person.',
  'complaint.heard':
    'I wrote it down and passed it to {owner}, who is a person. You will have an answer by {by}.\nIf there is more, write it here.',
  'chat.unsure': 'Would you like a worker to help you?',
  'chat.unsure.yes': 'Yes, I want help',
  'chat.unsure.status': 'How is it going?',
  'chat.unsure.human': 'I want a person',
  'chat.stillHere': 'Request {number} is under way. Tell me anything new and I will pass it to the worker.',
  stale: 'This button is out of date. It did nothing. Just say what you would like.',
  unsupported:
    'I got it, but I cannot read this kind of message. Please write or send a voice message, or write “person”.',
  empty: 'This message is empty. Please write or send a voice message, or write “person”.',
  'location.waiting': 'I received your location and keep it with your words.',
  'location.kept': 'I received your location and passed it to the worker.',
  language: 'I understand mainly Chinese. It has gone to a person, who will answer you by {by}.',
  'delete.asked':
    'OK. {owner} has been asked to delete it and will answer you by {by}. Urgent matters under way are kept for now.',
} as const satisfies Record<keyof typeof zhResident, string>
