/** What the keeper of a rota or a calendar file reads. */
export const zhRotaFile = {
  'rota.feed': '邻帮值班',
  'rota.usage':
    'linbang rota <做什么>\n  template <文件.xlsx|.csv> [--agency a3] [--month 2026-12]   做一张班表模板，已有的班写在里面；写了月份就是月班表\n  import <文件.xlsx|.csv> [--agency a3] [--from 2026-12-01] [--check]   导入班表；有错按格子指出，一格也不导入；--check 只检查\n  export [文件.ics] [--agency a3] [--staff a3-sw-01] [--days 60]   导出日历，换班请假已算进去；不写文件名就打印出来',
  'rota.template.list':
    '一行一个班，一天上两段就写两行\n班别：值班，或备班；空着算值班\n日子：工作日（跟调休走）、休息日（周末和节假日）、每天、周一到周五、周一、周三，或某一天 2026-12-05\n开始、结束：8:30、17:30；结束早于开始就是过夜；整天写 0:00 到 24:00\n项目、社区：空着就是合同里的都管\n从、到：这一行从哪天到哪天；空着就是从导入那天起一直有效\n同一个人原来的班从最早的“从”那天起由这张表代替；只写某一天的，是在原来的班以外加的',
  'rota.template.grid':
    '一行一个人，一列一天\n格子里写班名，或写时间 8:30-12:00、14:30-17:30；前面加“备”就是备班；空着或“休”就是不上\n“班名”开头的行说明班名是几点到几点\n表里有的人，这些天原来的班都由这张表代替',
  'rota.template.done': '模板已写到 {file}，{people}人。',
  'rota.import.done': '已导入：{people}人，{shifts}个班，从{from}起。',
  'rota.import.checked': '检查过了，没有错：{people}人，{shifts}个班。没有导入。',
  'rota.import.problem': '{file} {cell}：{message}',
  'rota.import.nothing': '没有导入：有{count}处要改。',
  'rota.import.holes': '导入后七天内的空班和单薄处：',
  'rota.export.done': '日历已写到 {file}，{people}人，{days}天。',
  'rota.noPeople': '没有找到这样的同事。',
  'calendar.usage':
    'linbang calendar <做什么>\n  template <文件.xlsx|.csv> [--year 2027]   做一张放假调休表\n  import <文件.xlsx|.csv>   导入；表里有哪一年，就用表里的代替那一年\n  show [--year 2027]   看已导入的',
  'calendar.imported': '已导入{years}年的放假和调休：放假{holidays}天，上班{workdays}天。',
  'calendar.none': '{year}年的放假和调休还没有导入。没导入前按星期几算。',
  'calendar.line': '{date} {kind} {name}',
  'calendar.holiday': '放假',
  'calendar.workday': '上班',
  'calendar.template.done': '放假调休表已写到 {file}。请按国务院办公厅的通知填好再导入。',
} as const
