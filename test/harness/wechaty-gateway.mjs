// A Wechaty gateway as an operator would run one: PuppetServer over gRPC, here in front of the mock of WeChat that
// Wechaty's own authors ship. Driven by messages from the test that forked it. argv: the folder of Wechaty, the port.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [, , folder, port] = process.argv
const require = createRequire(join(folder, 'package.json'))
const { PuppetServer } = require('wechaty-puppet-service')
const { PuppetMock, mock } = require('wechaty-puppet-mock')
const { FileBox } = require('file-box')

const mocker = new mock.Mocker()
const puppet = new PuppetMock({ mocker })
const server = new PuppetServer({
  endpoint: `127.0.0.1:${port}`,
  puppet,
  token: process.env.WECHATY_PUPPET_SERVICE_TOKEN,
})
await server.start()
await puppet.start()
const bot = mocker.createContact({ id: 'bot', name: '邻帮' })
const alice = mocker.createContact({ id: 'alice', name: '示例居民' })
const room = mocker.createRoom({ topic: '社区群', memberIdList: [bot.id, alice.id] })
mocker.login(bot)

let last
puppet.on('message', ({ messageId }) => {
  if (mocker.cacheMessagePayload.get(messageId)?.talkerId !== bot.id) last = messageId
})
alice.on('message', (message) => {
  if (message.talker().id === bot.id) process.send({ shown: message.text() })
})
process.on('message', (asked) => {
  if (asked.say !== undefined) alice.say(asked.say).to(bot)
  if (asked.voice !== undefined) alice.say(FileBox.fromBase64(asked.voice, 'voice.sil')).to(bot)
  if (asked.room !== undefined) alice.say(asked.room).to(room)
  if (asked.again) puppet.emit('message', { messageId: last })
  if (asked.logout) void puppet.logout('logged out elsewhere')
  if (asked.login) mocker.login(bot)
})
process.on('disconnect', () => process.exit(0))
process.send({ ready: true })
