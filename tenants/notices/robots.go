package notices

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zhitong/internal/mail"
	"zhitong/internal/outside"
	"zhitong/internal/secret"
	"zhitong/internal/text"
	"zhitong/internal/vocabulary"
)

// verdict says how an attempt ended.
type verdict int

const (
	taken   verdict = iota
	later           // not taken, perhaps the next time
	unknown         // no answer: it may have been taken
	limited         // too many messages; it says nothing about the route
	toMend          // a person has to mend the route, or the robot
	unfit           // this message will never be taken
)

// String implements fmt.Stringer.
func (v verdict) String() string {
	return [...]string{"sent", "later", "unknown", "limited", "refused", "unfit"}[v]
}

// Outcome is how an attempt ended.
type Outcome struct {
	verdict verdict
	Status  int           // of HTTP; 0: no answer, or mail
	Code    string        // the robot's own
	Said    string        // why it was not taken, for a person; no address and no secret
	wait    time.Duration // how long a limited route is left alone
}

// Delivered tells that the message was taken.
func (o Outcome) Delivered() bool { return o.verdict == taken }

const (
	limitWait         = time.Minute
	limitWaitDingtalk = 10 * time.Minute // it shuts a robot out for so long
	userAgent         = "Zhitong-Notices/1"
	answerMax         = 16 << 10
)

// send hands a message to where a route leads. key is the notice: mails of one notice have one Message-ID.
func (s *Service) send(ctx context.Context, r Route, address, sign secret.String, key string, m Message) Outcome {
	if r.Channel == vocabulary.ChannelMail {
		return s.sendMail(ctx, address, key, m)
	}
	to, body, err := s.request(r.Channel, address.Reveal(), sign.Reveal(), m)
	if err != nil {
		return Outcome{verdict: unfit, Said: "the message cannot be written"}
	}
	o := s.post(ctx, r.Channel, to, body)
	o.Said = safe(o.Said, token(address.Reveal()), sign.Reveal())
	return o
}

func (s *Service) sendMail(ctx context.Context, address secret.String, key string, m Message) Outcome {
	if s.mails == nil {
		return Outcome{verdict: toMend, Said: "there is no mail server"}
	}
	err := s.mails.Send(ctx, mail.Message{To: address.Reveal(), Subject: m.Title, Text: m.Text + "\n", Key: key})
	switch {
	case err == nil:
		return Outcome{}
	case errors.Is(err, mail.ErrRefused):
		return Outcome{verdict: toMend, Said: "the mail server refuses the address"}
	default:
		return Outcome{verdict: later, Said: safe(err.Error(), address.Reveal(), "")}
	}
}

// request writes a message as the robots of a channel take it. Every message is plain text: what it says can be no
// markup and no mention there.
func (s *Service) request(channel vocabulary.NoticeChannel, address, sign string, m Message) (
	to string, body []byte, err error,
) {
	now := s.clock.Now()
	whole := m.Title + "\n" + m.Text
	switch channel {
	case vocabulary.ChannelWecom:
		body, err = plainJSON(map[string]any{"msgtype": "text", "text": map[string]any{"content": whole}})
	case vocabulary.ChannelDingtalk:
		body, err = plainJSON(map[string]any{"msgtype": "text", "text": map[string]any{"content": whole},
			"at": map[string]any{"isAtAll": false}})
		if sign != "" {
			at := strconv.FormatInt(now.UnixMilli(), 10)
			address += "&timestamp=" + at + "&sign=" + url.QueryEscape(hash([]byte(sign), at+"\n"+sign))
		}
	default:
		post := map[string]any{"title": m.Title, "content": feishuLines(m.Text)}
		all := map[string]any{"msg_type": "post", "content": map[string]any{"post": map[string]any{"zh_cn": post}}}
		if sign != "" { // the text that is signed is the key here, and what it signs is empty
			at := strconv.FormatInt(now.Unix(), 10)
			all["timestamp"], all["sign"] = at, hash([]byte(at+"\n"+sign), "")
		}
		body, err = plainJSON(all)
	}
	return address, body, err
}

func feishuLines(text string) (out [][]map[string]string) {
	for line := range strings.SplitSeq(text, "\n") {
		out = append(out, []map[string]string{{"tag": "text", "text": line}})
	}
	return out
}

func hash(key []byte, signed string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// plainJSON writes characters as they are: WeCom refuses \u003c.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (s *Service) post(ctx context.Context, channel vocabulary.NoticeChannel, to string, body []byte) Outcome {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Outcome{verdict: toMend, Said: "the address cannot be called"}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", userAgent)
	resp, err := s.http.Do(req)
	if err != nil {
		return unanswered(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, answerMax))
	if err != nil {
		return Outcome{verdict: unknown, Status: resp.StatusCode, Said: "the answer was broken"}
	}
	return judge(channel, resp.StatusCode, raw)
}

// unanswered says why there was no answer, without the address.
func unanswered(err error) Outcome {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case outside.Prohibited(err):
		return Outcome{verdict: toMend, Said: "the address is not public"}
	case errors.As(err, &dns):
		return Outcome{verdict: later, Said: "the host name was not found"}
	case errors.As(err, &op) && op.Op == "dial":
		return Outcome{verdict: later, Said: "no connection"}
	default:
		return Outcome{verdict: unknown, Said: "no answer in time, or the connection was broken"}
	}
}

// answer is what robots say, in the words of WeCom and DingTalk, or of Feishu.
type answer struct {
	ErrCode *int   `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
	Code    *int   `json:"code"`
	Msg     string `json:"msg"`
}

// Codes of robots. All of them come with HTTP 200, or with 4xx at Feishu.
func limits() []int {
	return []int{
		45009,          // WeCom: more than 20 messages in a minute
		130101, 410100, // DingTalk: the same
		11232, 99991400, // Feishu: more than 5 in a second or 100 in a minute
	}
}

func mends() []int {
	return []int{
		93000, 40014, 93008, // WeCom: no such robot; its key; it is not in the group
		310000,                                 // DingTalk: signature, keyword or address
		300001, 400013, 400101, 400102, 400106, // no such robot, off, gone with its group
		19001, 19007, 19021, 19022, 19024, // Feishu: no such robot, off; sign, address, keyword
	}
}

func unfits() []int {
	return []int{
		40008, 40033, 40035, 40058, 44004, 45002, // type, characters, parameters, empty, too long
		400105, 430101, 430102, 430103, 430104, 460101, // DingTalk: type, unsafe link, improper words, too long
		9499, 19002, // Feishu: a body or parameters that it does not know
	}
}

// judge reads the answer of a robot. A redirect is not followed and is no yes.
func judge(channel vocabulary.NoticeChannel, status int, raw []byte) Outcome {
	o := Outcome{verdict: later, Status: status}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil || channel == vocabulary.ChannelFeishu && a.Code == nil ||
		channel != vocabulary.ChannelFeishu && a.ErrCode == nil {
		o.Said = fmt.Sprintf("the robot answered HTTP %d, which is not understood", status)
		if status == http.StatusTooManyRequests {
			o.verdict, o.wait = limited, limitWait
		}
		return o
	}
	code, said := a.ErrCode, a.ErrMsg
	if channel == vocabulary.ChannelFeishu {
		code, said = a.Code, a.Msg
	}
	o.Code, o.Said = strconv.Itoa(*code), said
	switch {
	case *code == 0 && status/100 == 2:
		return Outcome{Status: status, Code: o.Code}
	case slices.Contains(limits(), *code) || status == http.StatusTooManyRequests:
		o.verdict, o.wait = limited, limitWait
		if channel == vocabulary.ChannelDingtalk {
			o.wait = limitWaitDingtalk
		}
	case slices.Contains(mends(), *code):
		o.verdict = toMend
	case slices.Contains(unfits(), *code):
		o.verdict = unfit
	}
	o.Said = fmt.Sprintf("the robot answered %d: %s", *code, said)
	return o
}

// safe is what others said, fit to be kept: on one line, short, and without what opens the robot.
func safe(said string, hidden ...string) string {
	said = strings.Join(strings.Fields(text.Shown(said)), " ")
	for _, h := range hidden {
		if h != "" {
			said = strings.ReplaceAll(said, h, "…")
		}
	}
	if r := []rune(said); len(r) > errorMax {
		said = string(r[:errorMax])
	}
	return said
}
