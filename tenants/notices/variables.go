package notices

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/text"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/events"
)

// valueMax is how many characters of a value are told.
const valueMax = 120

// Variables lists what a text about a type of event may name.
func Variables(t vocabulary.EventType) []string {
	common := []string{"platform", "id", "time"}
	group, _, _ := strings.Cut(string(t), ".")
	switch group {
	case "order":
		return append(common, "order_id", "reference", "amount", "refunded", "status")
	case "refund":
		return append(common, "refund_id", "order_id", "amount", "reason")
	case "split":
		return append(common, "order_id", "reason")
	case "onboarding":
		return append(common, "application_id", "merchant", "smid", "reason")
	case "case":
		return append(common, "case_id", "kind", "order_id")
	case "task":
		return append(common, "task_id", "kind", "reason")
	case "notice_route":
		return append(common, "route", "reason")
	default:
		return common
	}
}

// samples are values for a preview and for a test.
func samples(t vocabulary.EventType, platform string, at time.Time, l vocabulary.Language) map[string]string {
	all := map[string]string{
		"platform": platform, "id": "evt_sample", "time": at.In(beijing()).Format(timeForm), "order_id": "ord_sample",
		"reference": "XH20261126023", "amount": "100.00", "refunded": "20.00", "status": "needs_review",
		"refund_id": "rfd_sample", "reason": "ACQ.SAMPLE_REASON", "application_id": "app_sample",
		"merchant": "杭州示例网络科技有限公司", "smid": "2088000000000001", "case_id": "case_sample", "kind": "split_refused",
		"task_id": "tsk_sample", "route": "风控群",
	}
	if t == vocabulary.EventCaseOpened {
		all["kind"] = caseKind(all["kind"], l)
	}
	for name := range all {
		if !slices.Contains(Variables(t), name) {
			delete(all, name)
		}
	}
	return all
}

const timeForm = "2006-01-02 15:04"

func beijing() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

// told is what a text is filled from.
type told struct {
	event    events.Stored
	platform string
	merchant string // name of the merchant that the event's data names
	route    string // name of the route that the event is about
	language vocabulary.Language
}

// data are the members of an event that texts may tell.
type data struct {
	OrderID       string     `json:"order_id"`
	RefundID      string     `json:"refund_id"`
	ApplicationID string     `json:"application_id"`
	CaseID        string     `json:"case_id"`
	TaskID        string     `json:"task_id"`
	RouteID       string     `json:"route_id"`
	MerchantID    string     `json:"merchant_id"`
	OfRecord      string     `json:"merchant_of_record_id"`
	Reference     string     `json:"reference"`
	Status        string     `json:"status"`
	Kind          string     `json:"kind"`
	Smid          string     `json:"smid"`
	Reason        string     `json:"reason"`
	Failure       string     `json:"failure"`
	ErrorCode     string     `json:"error_code"`
	TotalFen      *money.Fen `json:"total_fen"`
	AmountFen     *money.Fen `json:"amount_fen"`
	RefundedFen   *money.Fen `json:"refunded_fen"`
}

// read takes what it knows from an event's data; what is written otherwise than today is passed over.
func read(raw []byte) (d data) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&d); err != nil {
		return data{}
	}
	return d
}

// values are the variables of an event.
func (t told) values() map[string]string {
	d := read(t.event.Data)
	reason := firstOf(d.Reason, d.Failure, d.ErrorCode)
	kind := d.Kind
	if t.event.Type == vocabulary.EventCaseOpened {
		kind = caseKind(kind, t.language)
	}
	amount := d.TotalFen
	if d.AmountFen != nil {
		amount = d.AmountFen
	}
	return map[string]string{
		"platform": t.platform, "id": id.TextOf(string(t.event.SubjectType), t.event.SubjectID),
		"time": t.event.CreatedAt.In(beijing()).Format(timeForm), "order_id": d.OrderID, "reference": d.Reference,
		"amount": yuan(amount), "refunded": yuan(d.RefundedFen), "status": d.Status, "refund_id": d.RefundID,
		"reason": reason, "application_id": d.ApplicationID, "merchant": t.merchant, "smid": d.Smid,
		"case_id": d.CaseID, "kind": kind, "task_id": d.TaskID, "route": t.route,
	}
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

func caseKind(kind string, l vocabulary.Language) string {
	if w, ok := caseWords()[kind]; ok && l == vocabulary.Chinese {
		return w
	}
	return strings.ReplaceAll(kind, "_", " ")
}

func yuan(f *money.Fen) string {
	if f == nil {
		return ""
	}
	return f.Yuan()
}

// harmless makes a value fit for a message in any channel. It stays on its line. It can be no mention (@all, <@id>,
// <at>), no markup, and no address that a client would make a link of.
func harmless(v string) string {
	v = text.Shown(v)
	var b strings.Builder
	n := 0
	all := []rune(strings.Join(strings.Fields(v), " "))
	for i, r := range all {
		if n++; n > valueMax {
			b.WriteRune('…')
			break
		}
		switch {
		case r == '@':
			r = '＠'
		case r == '<':
			r = '＜'
		case r == '>':
			r = '＞'
		case r == '[':
			r = '［'
		case r == ']':
			r = '］'
		case r == '`':
			r = 'ˋ'
		case r == ':' && i+1 < len(all) && all[i+1] == '/':
			r = '：'
		case r == '.' && i+1 < len(all) && unicode.IsLetter(all[i+1]) && i > 0 && !unicode.IsSpace(all[i-1]):
			r = '．'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Message is what is sent: a title on one line, and a text.
type Message struct{ Title, Text string }

// textMax is how many bytes a message has at most: a robot of WeCom takes 2,048 in all.
const textMax = 1900

// compose makes the message of one event or of several of its type.
func compose(title, body template, values map[string]string, platform string, sandbox bool, n int64,
	l vocabulary.Language,
) Message {
	m := Message{Title: title.fill(values), Text: body.fill(values)}
	if n > 1 {
		line := "\n同类事件共 %d 条，以上为最近一条。"
		if l == vocabulary.English {
			line = "\n%d events of this kind; this is the latest."
		}
		m.Text += fmt.Sprintf(line, n)
	}
	return m.from(platform, sandbox, l)
}

// from puts the platform's name before the title, and keeps the message within what every channel takes.
func (m Message) from(platform string, sandbox bool, l vocabulary.Language) Message {
	name := harmless(platform)
	if sandbox && l == vocabulary.English {
		name += " (sandbox)"
	} else if sandbox {
		name += "·沙箱"
	}
	m.Title = "【" + name + "】" + strings.Join(strings.Fields(m.Title), " ")
	m.Title = clip(m.Title, textMax/3)
	m.Text = clip(m.Text, textMax-len(m.Title))
	return m
}

// clip shortens a text to so many bytes without cutting a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = s[:most-len("…")]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}
