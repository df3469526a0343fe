package notices

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"zhitong/internal/fault"
	"zhitong/internal/outside"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// robot says how a platform's robots are addressed.
type robot struct {
	hosts  []string
	path   string
	token  string         // the parameter that names the robot; empty: it is the end of the path
	tokens *regexp.Regexp // what a name looks like
	signs  bool           // whether it can be set up to ask for a signature
}

func robots() map[vocabulary.NoticeChannel]robot {
	tokens := regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	return map[vocabulary.NoticeChannel]robot{
		vocabulary.ChannelWecom: {[]string{"qyapi.weixin.qq.com"}, "/cgi-bin/webhook/send", "key", tokens, false},
		vocabulary.ChannelDingtalk: {[]string{"oapi.dingtalk.com"}, "/robot/send", "access_token", tokens,
			true},
		vocabulary.ChannelFeishu: {[]string{"open.feishu.cn", "open.larksuite.com"}, "/open-apis/bot/v2/hook/", "",
			tokens, true},
	}
}

func refused(why string) error {
	return fault.New(CodeAddressRefused, "The address is refused: it %s.", why).At("/address", "refused", "It "+why+".")
}

// address checks where a channel leads to. It gives it in the one form that is kept, and what may be shown of it.
func (s *Service) address(channel vocabulary.NoticeChannel, raw string) (address, hint string, err error) {
	if channel == vocabulary.ChannelMail {
		if s.mails == nil {
			return "", "", fault.New(CodeChannelNotSetUp, "There is no mail server.")
		}
		if address, err = tenants.NormalEmail(raw); err != nil {
			return "", "", refused("is not one e-mail address")
		}
		name, domain, _ := strings.Cut(address, "@")
		return address, string([]rune(name)[:1]) + "…@" + domain, nil
	}
	u, err := s.robotAddress(robots()[channel], s.hosts[channel], raw)
	if err != nil {
		return "", "", err
	}
	return u.String(), u.Host, nil
}

// robotAddress takes only what the platform itself shows for a robot: its host, its path, and the robot's name.
func (s *Service) robotAddress(r robot, further []string, raw string) (*url.URL, error) {
	err := s.reach.CheckURL(raw)
	if why, ok := errors.AsType[outside.RefusedError](err); ok {
		return nil, refused(string(why))
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, refused("is not an absolute address")
	}
	u.Host = strings.ToLower(u.Host)
	official := u.Scheme == "https" && slices.Contains(r.hosts, u.Host)
	if !official && !slices.Contains(further, u.Host) {
		return nil, refused("is not at the robots' official host")
	}
	if u.RawPath != "" || u.ForceQuery {
		return nil, refused("is not a robot's")
	}
	if r.token == "" {
		name, ok := strings.CutPrefix(u.Path, r.path)
		if !ok || !r.tokens.MatchString(name) || u.RawQuery != "" {
			return nil, refused("is not a robot's")
		}
		return u, nil
	}
	params, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.Path != r.path || len(params) != 1 || len(params[r.token]) != 1 ||
		!r.tokens.MatchString(params.Get(r.token)) {
		return nil, refused("is not a robot's: it must end with ?" + r.token + "=… and no more")
	}
	u.RawQuery = params.Encode()
	return u, nil
}

// token is the name of the robot in an address, which is as good as a password.
func token(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	for _, v := range u.Query() {
		return v[0]
	}
	return u.Path[strings.LastIndexByte(u.Path, '/')+1:]
}

const secretMax = 128

// checkSecret refuses a secret for a channel that signs nothing, and what no platform gives out.
func checkSecret(channel vocabulary.NoticeChannel, secret string) error {
	refuse := func(why string) error {
		return fault.New(CodeSettingInvalid, "The signing secret %s.", why).At("/secret", "refused", "It "+why+".")
	}
	switch {
	case secret == "":
		return nil
	case !robots()[channel].signs:
		return refuse("is of no use here: the channel signs nothing")
	case len(secret) > secretMax || !regexp.MustCompile(`^[\x21-\x7e]+$`).MatchString(secret):
		return refuse(fmt.Sprintf("must be at most %d characters of ASCII, without spaces", secretMax))
	}
	return nil
}
