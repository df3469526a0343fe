package vocabulary

// NoticeChannel is by what people are told.
type NoticeChannel string

// Values of [NoticeChannel].
const (
	ChannelMail     NoticeChannel = "mail"
	ChannelWecom    NoticeChannel = "wecom"
	ChannelDingtalk NoticeChannel = "dingtalk"
	ChannelFeishu   NoticeChannel = "feishu"
)

// NoticeChannels lists every channel.
func NoticeChannels() []NoticeChannel {
	return []NoticeChannel{ChannelMail, ChannelWecom, ChannelDingtalk, ChannelFeishu}
}

// NoticeStatus is how far a notice is.
type NoticeStatus string

// Values of [NoticeStatus].
const (
	NoticeWaiting NoticeStatus = "waiting"
	NoticeMerged  NoticeStatus = "merged" // told in another one
	NoticeSent    NoticeStatus = "sent"
	NoticeFailed  NoticeStatus = "failed" // given up
)
