// Package notices tells people what happened: by mail, and by the robots of groups at WeCom, DingTalk and Feishu. A
// route says which events go where. A job reads the events behind the place that each route has come to, gathers those
// of a kind into one message, and leaves the message to another job. Nothing is added to the transactions that write
// events, and an event is passed over only in the transaction that counts it into a message.
//
// A message goes out at least once. An attempt whose end was not learned is made again, and says that it may be a
// repetition; a mail has the same Message-ID each time.
package notices

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/mail"
	"zhitong/internal/outside"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Bounds.
const (
	// RoutesMax is how many routes a tenant may have.
	RoutesMax = 20
	// templatesMax bounds what is read of a tenant's templates; there is one a type of event and language.
	templatesMax = 200
	// DisableAfter is how long a route may fail without one message that was taken before it is switched off.
	DisableAfter = 5 * 24 * time.Hour
	// window is how far apart messages of a kind are: what happens meanwhile is one message.
	window = time.Minute
	// windowQuiet is the same in quiet hours, for what passes them.
	windowQuiet = 15 * time.Minute
	// perMinute is how many messages a route sends in a minute that is counted from its first message. Two such minutes
	// may touch, and a robot takes 20 in any.
	perMinute = 10
	// claim is how long a message is left to its job. Then it is given another.
	claim = 2 * time.Minute
	// reportAfter is after how many failures in a row people are told; a refusal that a person has to mend, at once.
	reportAfter = 3
	// reportEvery is how often they are told of one route.
	reportEvery = 24 * time.Hour
	errorMax    = 200 // characters of an error that are kept
)

// Backoff is how long to wait after each attempt that failed. After the last one the notice is given up.
func Backoff() []time.Duration {
	return []time.Duration{
		time.Minute,
		5 * time.Minute,
		15 * time.Minute,
		time.Hour,
		3 * time.Hour,
		6 * time.Hour,
		12 * time.Hour,
		24 * time.Hour,
		24 * time.Hour,
		24 * time.Hour,
	}
}

// Codes of this package.
const (
	CodeRouteNotFound    fault.Code = "notice_route_not_found"
	CodeRouteLimit       fault.Code = "notice_route_limit"
	CodeAddressRefused   fault.Code = "notice_address_refused"
	CodeChannelNotSetUp  fault.Code = "notice_channel_not_set_up"
	CodeTemplateNotFound fault.Code = "notice_template_not_found"
	CodeTemplateInvalid  fault.Code = "notice_template_invalid"
	CodeSettingInvalid   fault.Code = "notice_setting_invalid"
	CodeRouteBusy        fault.Code = "notice_route_busy"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeRouteNotFound, Status: http.StatusNotFound, Title: "No such notice route", TitleZh: "通知渠道不存在",
			Meaning: "The tenant has no notice route with this id.", MeaningZh: "租户内没有此标识的通知渠道。"},
		{Code: CodeRouteLimit, Status: http.StatusConflict, Title: "Too many notice routes", TitleZh: "通知渠道过多",
			Meaning: fmt.Sprintf("A tenant has at most %d notice routes. Change or delete one that exists.",
				RoutesMax),
			MeaningZh: fmt.Sprintf("每个租户最多 %d 个通知渠道。", RoutesMax)},
		{Code: CodeAddressRefused, Status: http.StatusUnprocessableEntity, Title: "The address is refused",
			TitleZh: "通知地址被拒绝",
			Meaning: "A robot’s address must be the one that WeCom, DingTalk or Feishu shows, at its official host; " +
				"mail needs one e-mail address.",
			MeaningZh: "机器人地址须为企业微信、钉钉或飞书给出的官方地址；邮件须为一个邮箱地址。"},
		{Code: CodeChannelNotSetUp, Status: http.StatusUnprocessableEntity, Title: "The channel is not set up",
			TitleZh: "该渠道未开通", Meaning: "This installation has no mail server. Use a robot.",
			MeaningZh: "此系统未配置邮件服务器，请使用机器人。"},
		{Code: CodeTemplateNotFound, Status: http.StatusNotFound, Title: "No text of your own", TitleZh: "没有自定义文案",
			Meaning:   "The tenant has no text of its own for this type of event and language; the default is used.",
			MeaningZh: "租户没有为该事件类型和语言自定义文案，使用默认文案。"},
		{Code: CodeTemplateInvalid, Status: http.StatusUnprocessableEntity, Title: "The text cannot be used",
			TitleZh: "文案无法使用",
			Meaning: "Variables are written {{name}}, and each type of event has its own. `errors` says which is " +
				"unknown.",
			MeaningZh: "变量写作 {{name}}，每种事件有各自的变量。`errors` 指出未知的变量。"},
		{Code: CodeRouteBusy, Status: http.StatusConflict, Title: "The route has sent enough in this minute",
			TitleZh:   "该渠道本分钟的消息已满",
			Meaning:   "Robots take few messages in a minute. Try again in a minute; the program waits by itself.",
			MeaningZh: "机器人每分钟可接收的消息有限，请一分钟后再试；系统发送时会自行等待。"},
		{Code: CodeSettingInvalid, Status: http.StatusUnprocessableEntity, Title: "A setting of the route is refused",
			TitleZh: "渠道设置被拒绝",
			Meaning: "A type of event, the quiet hours, their offset or the signing secret cannot be as they were " +
				"sent; `errors` says which.",
			MeaningZh: "事件类型、免打扰时段、时差或签名密钥不正确，`errors` 指出具体字段。"},
	}
}

// Mailer hands mails over.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) error
}

// Config is what a Service needs.
type Config struct {
	DB    *db.DB
	Vault *vault.Vault
	Clock clock.Clock
	Mails Mailer        // nil: no mails are sent
	Reach outside.Reach // which addresses may be called
	// Hosts are further hosts of robots, with their ports, by channel: of private deployments.
	Hosts map[vocabulary.NoticeChannel][]string
	Step  func(name string) // nil in production; tests crash at a step
}

// Service carries the use cases of notices.
type Service struct {
	db    *db.DB
	vault *vault.Vault
	clock clock.Clock
	mails Mailer
	reach outside.Reach
	hosts map[vocabulary.NoticeChannel][]string
	http  *http.Client //nolint:forbidigo // the guarded one, made by package outside
	step  func(name string)
}

// New makes a Service.
func New(c Config) *Service {
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Service{db: c.DB, vault: c.Vault, clock: c.Clock, mails: c.Mails, reach: c.Reach, hosts: c.Hosts,
		http: outside.NewClient(c.Reach), step: c.Step}
}
