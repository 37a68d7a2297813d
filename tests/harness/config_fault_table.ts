/**
 * A wrong value for each field of a full site: field | value | where it is refused, if not there.
 * Values are JSON; x129 is a text of 129 x, 101* the list's first item 101 times, - nothing.
 */
export const configFaultTable = `
siteId | "Acme"
name | x129
name | "Ac\\u0000me"
version | 0
madeAt | 0
language | "English"
texts | []
texts.de | {"hello":"Hi"}
texts.de.position | x513
agents | 1001*
agents.0.agentId | "a b"
agents.0.name | ""
agents.0.passwordHash | "secret"
agents.0.chatLimit | 101
agents.0.tokenVersion | 0
agents.0.role | "owner"
agents.0.departmentIds | 101*
agents.0.departmentIds.0 | "legal"
agents.0.disabled | "no"
departments | 201*
departments.0.departmentId | "Sales"
departments.0.name | x129
departments.0.backupDepartmentId | "legal"
departments.0.hours.timeZone | "Oslo"
departments.0.hours.weekly | 101*
departments.0.hours.weekly.0.day | 7
departments.0.hours.weekly.0.from | "8:00"
departments.0.hours.weekly.0.to | "07:00"
departments.0.hours.holidays | 1001*
departments.0.hours.holidays.0 | "2026-02-29"
campaigns | 201*
campaigns.0.campaignId | "a/b"
campaigns.0.name | -
campaigns.0.departmentId | "legal"
campaigns.0.departmentChoice | ["sales"]
campaigns.0.departmentChoice.1 | "legal"
campaigns.0.button.position | "middle"
campaigns.0.button.colour | "red"
campaigns.0.button.onlineText | x65
campaigns.0.button.offlineText | ""
campaigns.0.button.onlineImageUrl | "javascript:alert(1)"
campaigns.0.button.offlineImageUrl | "off.png"
campaigns.0.button.hiddenWhenOffline | true | campaigns.0.button.offlineText
campaigns.0.button.hiddenWhenOffline | 1
campaigns.0.window.title | x65
campaigns.0.window.greeting | x1025
campaigns.0.window.colour | "#ABCDEF"
campaigns.0.window.logoUrl | "ftp://acme.example/logo.png"
campaigns.0.window.asksForRating | "yes"
campaigns.0.window.offersTranscript | 1
campaigns.0.window.offersFiles | null
campaigns.0.preChat.fields | 51*
campaigns.0.preChat.fields.1.fieldId | "1st"
campaigns.0.preChat.fields.1.label | ""
campaigns.0.preChat.fields.1.type | "number"
campaigns.0.preChat.fields.1.required | "yes"
campaigns.0.preChat.fields.1.options | ["sales"]
campaigns.0.preChat.fields.1.options.0 | " sales"
campaigns.0.offlineForm.fields | 51*
campaigns.0.offlineForm.fields.1.fieldId | ""
campaigns.0.offlineForm.fields.1.label | x129
campaigns.0.offlineForm.fields.0.type | "text"
campaigns.0.offlineForm.fields.1.required | 1
campaigns.0.offlineForm.fields.1.options | 101*
campaigns.0.offlineForm.fields.1.options.0 | "one\\ntwo"
campaigns.0.invitations | 101*
campaigns.0.invitations.0.invitationId | "01JZZZZZZZZZZZZZZZZZZZZZZZ"
campaigns.0.invitations.0.text | x1025
campaigns.0.invitations.0.conditions.urlContains | "two words"
campaigns.0.invitations.0.conditions.referrerContains | ""
campaigns.0.invitations.0.conditions.secondsOnPageMin | -1
campaigns.0.invitations.0.conditions.secondsOnSiteMin | 86401
campaigns.0.invitations.0.conditions.visitsMin | 0
campaigns.0.invitations.0.conditions.pagesMin | 1001
campaigns.0.invitations.0.conditions.variables | []
campaigns.0.invitations.0.conditions.variables.plan | x1025
campaigns.0.texts | {"German":{}} | campaigns.0.texts.German
campaigns.0.texts.de | "Hallo"
campaigns.0.texts.de.greeting | "Hallo {name}"
routing.mode | "lottery"
routing.lastChattedFirst | "yes"
routing.acceptWithinMs | 999
queue.lengthMax | 1001
queue.estimatedWaitMsMax | 120001
queue.waitMsMax | 0
queue.whileNobodyOnline | 0
hours.timeZone | "+01:00"
hours.weekly | {}
hours.weekly.0.day | -1
hours.weekly.0.from | "12:00" | hours.weekly.0.to
hours.weekly.0.from | "12:60"
hours.weekly.0.to | "24:01"
hours.holidays | "2026-12-25"
hours.holidays.0 | "25.12.2026"
inactivity.warnAfterMs | 999
inactivity.endAfterMs | 86400001
inactivity.agentSilentMs | 120000
absence.afterGrace | "forget"
absence.atLogout | "stay"
absence.departmentId | "legal"
absence.departmentId | -
customVariables | 51*
customVariables.0.name | x65
customVariables.0.label | ""
awayReasons | 51*
awayReasons.0 | ""
wrapUpCategories | 201*
wrapUpCategories.0 | x129
cannedMessages | 2001*
cannedMessages.0.cannedId | x65
cannedMessages.0.cannedId | ".."
cannedMessages.0.cannedId | "a/b"
cannedMessages.0.title | ""
cannedMessages.0.shortcut | "two words"
cannedMessages.0.text | x4097
cannedMessages.0.text | "a \\ud83d"
cannedMessages.0.departmentId | "legal"
bans | 10001*
bans.0.banId | ""
bans.0.banId | "\\ud800"
bans.0.target.type | "country"
bans.0.target.address | "192.0.2.0/33"
bans.1.target.visitorId | "vik"
bans.0.until | 0
bans.0.agentId | "Zoe"
bans.0.comment | x2001
trackedVisitorsMax | 10001
signIn.keys | []
signIn.keys.0 | "short"
signIn.audience | ""
signIn.enforce | "yes"
bot.name | ""
translation.agentLanguage | "en_GB"
retention.chats | 0
retention.offlineMessages | 3651
retention.logs | 1.5
retention.visits | "730"
integrations.email.chatEndTo | 21*
integrations.email.chatEndTo.0 | "acme.example"
integrations.email.offlineMessageTo | "a@acme.example"
integrations.email.offlineMessageTo.0 | "a@"
integrations.ticket.onChatEnd | 1
integrations.ticket.onOfflineMessage | "yes"
integrations.webhooks | 21*
integrations.webhooks.0.webhookId | "C R M"
integrations.webhooks.0.url | "https://ana:secret@acme.example/"
integrations.webhooks.0.url | "http://acme.example/hook"
integrations.webhooks.0.url | "https://2130706433/"
integrations.webhooks.0.url | "https://[::ffff:169.254.169.254]/"
integrations.webhooks.0.secret | "whsec_c2hvcnQ="
integrations.webhooks.0.events | []
integrations.webhooks.0.events.0 | "chat.start"
integrations.salesforce.instanceUrl | "https://acme.my.salesforce.com/path"
integrations.salesforce.instanceUrl | "https://localhost"
integrations.salesforce.onChatEnd | false
integrations.salesforce.onOfflineMessage | "no"
integrations.zendesk.subdomain | "acme.zendesk.com"
integrations.zendesk.onChatEnd | null
integrations.zendesk.onOfflineMessage | false | integrations.zendesk.onChatEnd
allowedDomains | 101*
allowedDomains.0 | "https://acme.example"
allowedDomains.0 | "acme.example:8443"
allowedDomains.0 | "acme.example/shop"
allowedDomains.0 | "*.acme.example"
allowedDomains.0 | "Acme.example"
`.trim().split("\n").map((line) => line.split(" | "));

/**
 * What contradicts itself although each value is one: fields and their values | where it is refused
 * and what is said, up to there.
 */
export const contradictionTable = `
{"agents.1.agentId":"ana"} | agents.1.agentId: "ana" stands twice
{"agents.0.departmentIds.1":"sales"} | agents.0.departmentIds.1: "sales" stands twice
{"departments.2.departmentId":"help"} | departments.2.departmentId: "help" stands twice
{"campaigns.1.campaignId":"main"} | campaigns.1.campaignId: "main" stands twice
{"campaigns.0.departmentChoice.1":"sales"} | campaigns.0.departmentChoice.1: "sales" stands twice
{"campaigns.1.invitations":[{"invitationId":"hello","text":"Hi","conditions":{}}]} | campaigns.1.invitations.0.invitationId: "hello" stands twice
{"campaigns.0.preChat.fields.1.fieldId":"email"} | campaigns.0.preChat.fields.1.fieldId: "email" stands twice
{"campaigns.0.preChat.fields.1.options.1":"sales"} | campaigns.0.preChat.fields.1.options.1: "sales" stands twice
{"customVariables.1.name":"plan"} | customVariables.1.name: "plan" stands twice
{"awayReasons.1":"lunch"} | awayReasons.1: "lunch" stands twice
{"wrapUpCategories.1":"sale"} | wrapUpCategories.1: "sale" stands twice
{"cannedMessages.2.cannedId":"hi"} | cannedMessages.2.cannedId: "hi" stands twice
{"cannedMessages.1.shortcut":"hi"} | cannedMessages.1.shortcut: "hi" stands twice
{"bans.1.banId":"b1"} | bans.1.banId: "b1" stands twice
{"signIn.keys.1":"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"} | signIn.keys.1: the same key stands twice
{"allowedDomains.1":"acme.example"} | allowedDomains.1: "acme.example" stands twice
{"hours.holidays":["2026-12-25","2026-12-25"]} | hours.holidays.1: "2026-12-25" stands twice
{"integrations.webhooks":[{"webhookId":"a","url":"https://a.example","secret":"whsec_c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nz","events":["chat.end"]},{"webhookId":"a","url":"https://b.example","secret":"whsec_c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nz","events":["chat.end"]}]} | integrations.webhooks.1.webhookId: "a" stands twice
{"integrations.webhooks.0.events.1":"chat.end"} | integrations.webhooks.0.events.1: "chat.end" stands twice
{"integrations.email.chatEndTo":["a@acme.example","A@acme.example"]} | integrations.email.chatEndTo.1: "a@acme.example" stands twice
{"departments.2.backupDepartmentId":"desk"} | departments.2.backupDepartmentId: a department cannot back up itself: desk → desk
{"departments.1.backupDepartmentId":"sales"} | departments.0.backupDepartmentId: a department cannot back up itself: sales → help → sales
{"departments.2.backupDepartmentId":"sales"} | departments.0.backupDepartmentId: a department cannot back up itself: sales → help → desk → sales
{"departments.2.backupDepartmentId":"help"} | departments.1.backupDepartmentId: a department cannot back up itself: help → desk → help
{"campaigns.0.preChat.fields.1.type":"text"} | campaigns.0.preChat.fields.1.options: a field of type text has no options
{"campaigns.0.preChat.fields.1.type":"radio","campaigns.0.preChat.fields.1.options":[]} | campaigns.0.preChat.fields.1.options: a field of type radio needs options: 2
{"campaigns.0.preChat.fields.1.type":"checkboxes","campaigns.0.preChat.fields.1.options":[]} | campaigns.0.preChat.fields.1.options: a field of type checkboxes needs options: 1
{"campaigns.0.preChat.fields.0.type":"phone"} | campaigns.0.preChat.fields.0.type: the visitor's email is a field of type email
{"hours.weekly.1.from":"11:59"} | hours.weekly.1: overlaps 08:00 to 12:00 of the same day
{"routing":{"mode":"manual","acceptWithinMs":5000}} | routing.acceptWithinMs: with manual routing
{"routing":{"mode":"manual","lastChattedFirst":true}} | routing.lastChattedFirst: with manual routing
{"queue":{"lengthMax":0,"estimatedWaitMsMax":5000}} | queue.estimatedWaitMsMax: nothing waits
{"queue":{"waitMsMax":5000,"estimatedWaitMsMax":5001}} | queue.estimatedWaitMsMax: no chat waits for longer than waitMsMax, 5000
{"inactivity":{"warnAfterMs":1000,"endAfterMs":1000,"agentSilentMs":2000}} | inactivity.agentSilentMs: the chat has ended by then
{"absence":{"afterGrace":"transfer"}} | absence.departmentId: transfer needs a department
{"campaigns.0.invitations.0.conditions.variables":{"tier":"gold"}} | campaigns.0.invitations.0.conditions.variables.tier: never holds: the site has no custom variable "tier"
{"campaigns.0.departmentChoice":["sales"]} | campaigns.0.departmentChoice: one department is no choice
{"texts.de.position":"Platz {place}"} | texts.de.position: nothing is put in for {place} here; known: {position}
{"texts.de":{"send":"{now}"}} | texts.de.send: nothing is put in for {now} here; known: none
`.trim().split("\n").map((line) => line.split(" | "));
