// Package robots stands in for the robots of groups at WeCom, DingTalk and Feishu: it takes messages at the paths of
// the three, as strictly as they do, keeps them for the desk, and tells nobody. A robot is made at the desk, with the
// security settings that the platforms offer: a signature, a keyword.
package robots

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/faults"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Buckets: token → Robot; number → Message.
const (
	Bucket         = "robots"
	BucketMessages = "robot_messages"
)

// The platforms.
const (
	Wecom    = "wecom"
	Dingtalk = "dingtalk"
	Feishu   = "feishu"
)

// Kinds lists the platforms.
func Kinds() []string { return []string{Wecom, Dingtalk, Feishu} }

const (
	kept          = 500 // newest messages; what is older is deleted
	bodyMax       = 20_000
	wecomText     = 2048
	wecomMarkdown = 4096
	perMinute     = 20 // of WeCom and DingTalk
	feishuMinute  = 100
	feishuSecond  = 5
	hour          = time.Hour
	keywordsMax   = 10
	hangs         = 10 * time.Second
)

// Robot is one robot of a group.
type Robot struct {
	Token    string   `json:"token"`
	Kind     string   `json:"kind"`
	Secret   string   `json:"secret,omitempty"`   // messages must be signed
	Keywords []string `json:"keywords,omitempty"` // a message must have one of them
	URL      string   `json:"url"`
	Sent     []int64  `json:"sent,omitempty"` // milliseconds of the messages of the last minute
	Attempts int      `json:"attempts"`       // messages that came, those that were refused among them
}

// Message is one that was taken.
type Message struct {
	ID    string          `json:"id"`
	At    int64           `json:"received_at"` // milliseconds
	Token string          `json:"token"`
	Kind  string          `json:"kind"`
	Type  string          `json:"type"`
	Title string          `json:"title,omitempty"`
	Text  string          `json:"text"`
	Body  json.RawMessage `json:"body"`
}

// New makes a robot. secret "generate" draws one.
func New(st *state.State, kind, secret string, keywords []string) (*Robot, error) {
	if !slices.Contains(Kinds(), kind) {
		return nil, state.BadInput(fmt.Errorf("kind: one of %v", Kinds()))
	}
	if secret != "" && kind == Wecom || len(keywords) > keywordsMax {
		return nil, state.BadInput(errors.New("a robot of WeCom has no secret; at most 10 keywords"))
	}
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	r := &Robot{Kind: kind, Token: hex.EncodeToString(b), Secret: secret, Keywords: keywords}
	if secret == "generate" {
		_, _ = rand.Read(b)
		r.Secret = "SEC" + hex.EncodeToString(b)
	}
	return r, st.Update(st.Now(), func(tx *state.Tx) error { return state.Put(tx, Bucket, r.Token, r) })
}

// Path is where a robot takes messages.
func (r *Robot) Path() string {
	switch r.Kind {
	case Wecom:
		return "/cgi-bin/webhook/send?key=" + r.Token
	case Dingtalk:
		return "/robot/send?access_token=" + r.Token
	default:
		return "/open-apis/bot/v2/hook/" + r.Token
	}
}

// Routes serves the paths of the three.
func Routes(r chi.Router, st *state.State) {
	r.Post("/cgi-bin/webhook/send", serve(st, Wecom, func(q *http.Request) string { return q.URL.Query().Get("key") }))
	r.Post("/robot/send", serve(st, Dingtalk,
		func(q *http.Request) string { return q.URL.Query().Get("access_token") }))
	r.Post("/open-apis/bot/v2/hook/{token}", serve(st, Feishu,
		func(q *http.Request) string { return chi.URLParam(q, "token") }))
}

// refusal is a robot's no: a code of its platform.
type refusal struct {
	code int
	text string
}

func (r refusal) Error() string { return r.text }

func serve(st *state.State, kind string, token func(*http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := token(r)
		// Before a fault, too: that the client has gone is seen only once its body is read.
		raw, err := io.ReadAll(io.LimitReader(r.Body, bodyMax+1))
		if err != nil {
			return
		}
		if f := st.Faults.Strike("", name, faults.Robots); f != nil {
			_ = st.Update(st.Now(), func(tx *state.Tx) error { return state.StoreFault(tx, f) })
			if strike(w, r, kind, f) {
				return
			}
		}
		err = st.Update(st.Now(), func(tx *state.Tx) error { return take(tx, r, kind, name, raw) })
		no, refused := errors.AsType[refusal](err)
		if err != nil && !refused {
			http.Error(w, "", http.StatusInternalServerError)
			return
		}
		if refused { // counted apart: the refusal took the transaction back
			_ = st.Update(st.Now(), func(tx *state.Tx) error { return attempted(tx, name) })
		}
		answer(w, kind, no)
	}
}

// strike does the mischief, and tells whether that was all.
func strike(w http.ResponseWriter, r *http.Request, kind string, f *faults.Fault) bool {
	switch f.Kind {
	case faults.RobotBroken:
		http.Error(w, "<html>Bad Gateway</html>", http.StatusBadGateway)
	case faults.RobotBusy:
		answer(w, kind, refusal{-1, "system busy"})
	case faults.RobotRedirect:
		http.Redirect(w, r, "/desk", http.StatusTemporaryRedirect)
	default:
		select { // a real time: the client's own limit is what it meets
		case <-r.Context().Done():
		case <-time.After(f.Delay(hangs)):
		}
	}
	return true
}

func attempted(tx *state.Tx, token string) error {
	robot, err := state.Get[Robot](tx, Bucket, token)
	if err != nil || robot == nil {
		return err
	}
	robot.Attempts++
	return state.Put(tx, Bucket, token, robot)
}

// answer writes what the platform answers: HTTP 200 with a code in the body.
func answer(w http.ResponseWriter, kind string, no refusal) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	body := map[string]any{"errcode": no.code, "errmsg": no.text}
	if no.code == 0 {
		body["errmsg"] = "ok"
	}
	if kind == Feishu {
		body = map[string]any{"code": no.code, "msg": no.text, "data": map[string]any{}}
		switch no.code {
		case 0:
			body["msg"], body["StatusCode"], body["StatusMessage"] = "success", 0, "success"
		case codeFeishuBad:
			w.WriteHeader(http.StatusBadRequest)
		}
	}
	_ = json.NewEncoder(w).Encode(body)
}

const codeFeishuBad = 9499

// take checks a message as its platform does, in the platform's order, and keeps it.
func take(tx *state.Tx, r *http.Request, kind, token string, raw []byte) error {
	robot, err := state.Get[Robot](tx, Bucket, token)
	if err != nil {
		return err
	}
	if robot == nil || robot.Kind != kind {
		return missing(kind)
	}
	m, err := parse(kind, r, raw)
	if err != nil {
		return err
	}
	if err := robot.signed(r, raw, tx.Now); err != nil {
		return err
	}
	if !robot.worded(m) {
		if kind == Feishu {
			return refusal{19024, "Key Words Not Found"}
		}
		return refusal{310000, "keywords not in content"}
	}
	if err := robot.count(tx.Now); err != nil {
		return err
	}
	robot.Attempts++
	if err := state.Put(tx, Bucket, token, robot); err != nil {
		return err
	}
	return keep(tx, robot, m, raw)
}

func missing(kind string) error {
	switch kind {
	case Wecom:
		return refusal{93000, "invalid webhook url"}
	case Dingtalk:
		return refusal{300001, "token is not exist"}
	default:
		return refusal{19001, "param invalid: incoming webhook access token invalid"}
	}
}

// signed checks the signature of a robot that asks for one.
func (r *Robot) signed(q *http.Request, raw []byte, now time.Time) error {
	if r.Secret == "" {
		return nil
	}
	at, sign, unit := q.URL.Query().Get("timestamp"), q.URL.Query().Get("sign"), time.Millisecond
	key, text := r.Secret, at+"\n"+r.Secret
	no := refusal{310000, "sign not match"}
	if r.Kind == Feishu {
		var b struct{ Timestamp, Sign string }
		_ = json.Unmarshal(raw, &b)
		at, sign, unit = b.Timestamp, b.Sign, time.Second
		key, text = at+"\n"+r.Secret, ""
		no = refusal{19021, "sign match fail or timestamp is not within one hour from current time"}
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	n, err := strconv.ParseInt(at, 10, 64)
	sent := time.Unix(0, n*int64(unit))
	if err != nil || sent.Before(now.Add(-hour)) || sent.After(now.Add(hour)) ||
		!hmac.Equal([]byte(sign), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))) {
		return no
	}
	return nil
}

// worded tells whether a message has one of the robot's keywords.
func (r *Robot) worded(m *Message) bool {
	return len(r.Keywords) == 0 || slices.ContainsFunc(r.Keywords, func(k string) bool {
		return strings.Contains(m.Title+"\n"+m.Text, k)
	})
}

// count holds the robot to its platform's rate.
func (r *Robot) count(now time.Time) error {
	ms := protocol.Millis(now)
	r.Sent = slices.DeleteFunc(r.Sent, func(at int64) bool { return at <= ms-time.Minute.Milliseconds() })
	lastSecond := 0
	for _, at := range r.Sent {
		if at > ms-time.Second.Milliseconds() {
			lastSecond++
		}
	}
	switch {
	case r.Kind == Feishu && (len(r.Sent) >= feishuMinute || lastSecond >= feishuSecond):
		return refusal{11232, "frequency limited psm[lark.oapi.app_platform_runtime]"}
	case r.Kind == Wecom && len(r.Sent) >= perMinute:
		return refusal{45009, "api freq out of limit"}
	case r.Kind == Dingtalk && len(r.Sent) >= perMinute:
		return refusal{130101, "send too fast, exceed 20 times per minute"}
	}
	r.Sent = append(r.Sent, ms)
	return nil
}

func keep(tx *state.Tx, r *Robot, m *Message, raw []byte) error {
	n, err := tx.NextID(BucketMessages)
	if err != nil {
		return err
	}
	m.ID, m.At, m.Token, m.Kind, m.Body = fmt.Sprintf("r%08d", n), protocol.Millis(tx.Now), r.Token, r.Kind, raw
	if n > kept {
		if err := state.Delete(tx, BucketMessages, fmt.Sprintf("r%08d", n-kept)); err != nil {
			return err
		}
	}
	return state.Put(tx, BucketMessages, m.ID, m)
}

// parse reads a message as its platform does.
func parse(kind string, r *http.Request, raw []byte) (*Message, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		if kind == Feishu {
			return nil, refusal{codeFeishuBad, "Bad Request"}
		}
		return nil, refusal{43004, "invalid http header, require application/json"}
	}
	if kind == Feishu {
		return feishu(raw)
	}
	var b struct {
		MsgType  string                                `json:"msgtype"`
		Text     struct{ Content string }              `json:"text"`
		Markdown struct{ Title, Text, Content string } `json:"markdown"`
	}
	if len(raw) > bodyMax || !utf8.Valid(raw) || json.Unmarshal(raw, &b) != nil {
		return nil, refusal{40035, "invalid parameter"}
	}
	if kind == Wecom && strings.Contains(string(raw), `\u`) {
		return nil, refusal{40033, "invalid charset"}
	}
	m := &Message{Type: b.MsgType, Text: b.Text.Content}
	limit := wecomText
	switch {
	case b.MsgType == "markdown" && kind == Wecom:
		m.Text, limit = b.Markdown.Content, wecomMarkdown
	case b.MsgType == "markdown":
		m.Title, m.Text = b.Markdown.Title, b.Markdown.Text
	case b.MsgType != "text":
		if kind == Wecom {
			return nil, refusal{40008, "invalid message type"}
		}
		return nil, refusal{400105, "unsupported msgtype"}
	}
	if strings.TrimSpace(m.Text) == "" {
		if kind == Wecom {
			return nil, refusal{44004, "empty content"}
		}
		return nil, refusal{40035, "missing parameter content"}
	}
	if kind == Wecom && len(m.Text) > limit {
		return nil, refusal{45002, "content size out of limit"}
	}
	return m, nil
}

// feishu reads a message of type text or post.
func feishu(raw []byte) (*Message, error) {
	bad := refusal{codeFeishuBad, "Bad Request"}
	var b struct {
		MsgType string `json:"msg_type"`
		Content struct {
			Text string
			Post map[string]struct {
				Title   string
				Content [][]struct{ Tag, Text string }
			}
		}
	}
	if len(raw) > bodyMax || !utf8.Valid(raw) || json.Unmarshal(raw, &b) != nil {
		return nil, bad
	}
	m := &Message{Type: b.MsgType, Text: b.Content.Text}
	if b.MsgType == "post" {
		post := b.Content.Post["zh_cn"]
		m.Title = post.Title
		var lines []string
		for _, line := range post.Content {
			text := ""
			for _, part := range line {
				if part.Tag != "text" {
					return nil, refusal{19002, "params error, unknown tag"}
				}
				text += part.Text
			}
			lines = append(lines, text)
		}
		m.Text = strings.Join(lines, "\n")
	} else if b.MsgType != "text" {
		return nil, refusal{19002, "params error, msg_type need"}
	}
	if m.Text == "" {
		return nil, bad
	}
	return m, nil
}
