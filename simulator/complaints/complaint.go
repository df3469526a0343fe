// Package complaints keeps buyers' complaints about trades, and what merchants and the platform answer.
package complaints

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/merchants"
	"zhitong/simulator/notify"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
)

// Statuses of a complaint (alipay.merchant.tradecomplain.query).
const (
	Open         = "MERCHANT_PROCESSING"
	Answered     = "MERCHANT_FEEDBACKED"
	Late         = "MERCHANT_FEEDBACK_TIMEOUT"
	WithPlatform = "PLATFORM_PROCESSING"
	Decided      = "PLATFORM_FINISH"
	Finished     = "FINISHED"
	Dropped      = "CANCELLED"
	Closed       = "CLOSED"
)

// complaintTime is how long the merchant has; the documentation does not say.
const complaintTime = 72 * time.Hour

// Roles in a complaint's replies.
const (
	RoleUser     = "USER"
	roleMerchant = "MERCHANT"
	RoleSystem   = "SYSTEM"
	RoleAuditor  = "AUDITOR"
)

// Complaint is one buyer's complaint about a trade.
type Complaint struct {
	ID       string    `json:"complain_event_id"`
	AppID    string    `json:"app_id"`
	PID      string    `json:"pid"`
	SMID     string    `json:"smid,omitempty"`
	Status   string    `json:"status"`
	TradeNo  string    `json:"trade_no"`
	Out      string    `json:"merchant_order_no"`
	Amount   money.Fen `json:"trade_amount_fen"`
	Category string    `json:"leaf_category_name"`
	Reason   string    `json:"complain_reason"`
	Content  string    `json:"content"`
	Images   []string  `json:"images,omitempty"`
	Phone    string    `json:"phone_no,omitempty"`
	Created  int64     `json:"created_at_ms"`
	Modified int64     `json:"modified_at_ms"`
	Finished int64     `json:"finished_at_ms,omitempty"`
	Feedback string    `json:"feedback_code,omitempty"`
	Replies  []Reply   `json:"replies,omitempty"`
}

// Reply is one thing somebody said about a complaint.
type Reply struct {
	Name    string   `json:"replier_name"`
	Role    string   `json:"replier_role"`
	At      int64    `json:"at_ms"`
	Content string   `json:"content"`
	Images  []string `json:"images,omitempty"`
}

const (
	Bucket               = "complaints"
	bucketComplainImages = "complaint_images" // pid|image id → storedImage
)

// Methods are those by which a platform reads and answers complaints.
func Methods() []gateway.Method {
	signed := []string{state.ProductComplaint}
	const family = "alipay.merchant.tradecomplain."
	return []gateway.Method{
		{Name: family + "batchquery", Products: signed, Handle: queryComplaints, Fields: []protocol.Field{
			{Name: "status", Max: 64}, {Name: "begin_time"}, {Name: "end_time"}, {Name: "page_num"},
			{Name: "page_size"},
			{Name: "target_infos", Kind: protocol.KindArray,
				Fields: []protocol.Field{{Name: "target_id", Max: 64}, {Name: "target_type", Max: 16}}}}},
		{Name: family + "query", Products: signed, Fields: []protocol.Field{{Name: "complain_event_id", Max: 64}},
			Handle: queryComplaint},
		{Name: family + "feedback.submit", Products: signed, Flat: true, Handle: feedback, Fields: []protocol.Field{
			{Name: "complain_event_id"}, {Name: "feedback_code"}, {Name: "feedback_content"}, {Name: "feedback_images"},
			{Name: "operator"}}},
		{Name: family + "reply.submit", Products: signed, Flat: true, Handle: reply("reply"),
			Fields: []protocol.Field{{Name: "complain_event_id"}, {Name: "reply_content"}, {Name: "reply_images"}}},
		{Name: family + "supplement.submit", Products: signed, Flat: true, Handle: reply("supplement"),
			Fields: []protocol.Field{{Name: "complain_event_id"}, {Name: "supplement_content"},
				{Name: "supplement_images"}}},
		{Name: "alipay.merchant.image.upload", Products: signed, Flat: true, Fields: merchants.ImageFields(),
			Handle: uploadComplaintImage},
	}
}

func paramIllegal(path string) error {
	return protocol.Refuse("PARAM_ILLEGAL", "参数不合法："+path)
}

// complaintOf finds a complaint of the caller's PID.
func complaintOf(tx *state.Tx, c *gateway.Call) (*Complaint, error) {
	id := c.Biz.Str("complain_event_id")
	if id == "" {
		return nil, paramIllegal("complain_event_id")
	}
	p, err := state.Get[Complaint](tx, Bucket, id)
	if err != nil {
		return nil, err
	}
	if p == nil || p.PID != c.PID {
		return nil, protocol.Refuse("AUTHORITY_ILLEGAL", "无权限操作该投诉单")
	}
	return p, nil
}

// Add numbers and stores a complaint about a trade and tells the platform.
func Add(tx *state.Tx, t *trades.Trade, p *Complaint) error {
	n, err := tx.NextID(Bucket)
	if err != nil {
		return err
	}
	p.ID = tx.Now.In(protocol.BeijingZone()).Format("20060102") + fmt.Sprintf("00000000%012d", n)
	p.AppID, p.PID, p.SMID, p.TradeNo, p.Out, p.Amount = t.AppID, t.PID, t.SMID, t.TradeNo(), t.Out, t.Total
	p.Status, p.Created = Open, protocol.Millis(tx.Now)
	if err := state.AddTimer(tx, p.Created+complaintTime.Milliseconds(), timerComplaint, []byte(p.ID)); err != nil {
		return err
	}
	return Change(tx, p)
}

// Change stores a changed complaint and sends alipay.merchant.tradecomplain.changed.
func Change(tx *state.Tx, p *Complaint) error {
	p.Modified = protocol.Millis(tx.Now)
	if slices.Contains([]string{Finished, Dropped, Closed, Decided}, p.Status) && p.Finished == 0 {
		p.Finished = p.Modified
	}
	if err := state.Put(tx, Bucket, p.ID, p); err != nil {
		return err
	}
	return notify.SendMessage(tx, p.AppID, "alipay.merchant.tradecomplain.changed",
		map[string]string{"complain_event_id": p.ID})
}

// complaintTimer makes an unanswered complaint late; it can still be answered.
func complaintTimer(tx *state.Tx, id string) error {
	p, err := state.Get[Complaint](tx, Bucket, id)
	if err != nil || p == nil || p.Status != Open {
		return err
	}
	p.Status = Late
	return Change(tx, p)
}

type complaintInfo struct {
	ID         string      `json:"complain_event_id"`
	Status     string      `json:"status"`
	TradeNo    string      `json:"trade_no"`
	Out        string      `json:"merchant_order_no"`
	Created    string      `json:"gmt_create"`
	Modified   string      `json:"gmt_modified"`
	Finished   string      `json:"gmt_finished,omitempty"`
	Category   string      `json:"leaf_category_name"`
	Reason     string      `json:"complain_reason"`
	Content    string      `json:"content"`
	Images     []string    `json:"images,omitempty"`
	Phone      string      `json:"phone_no,omitempty"`
	Amount     string      `json:"trade_amount,omitempty"`
	TargetID   string      `json:"target_id"`
	TargetType string      `json:"target_type"`
	Replies    []replyInfo `json:"reply_detail_infos,omitempty"`
}

type replyInfo struct {
	Name    string   `json:"replier_name"`
	Role    string   `json:"replier_role"`
	At      string   `json:"gmt_create"`
	Content string   `json:"content"`
	Images  []string `json:"images,omitempty"`
}

// describe is the complaint as its platform sees it; target is the platform's PID in ZFT, else the application.
func (p *Complaint) describe(detailed bool) complaintInfo {
	i := complaintInfo{ID: p.ID, Status: p.Status, TradeNo: p.TradeNo, Out: p.Out,
		Created:  protocol.Beijing(protocol.FromMillis(p.Created)),
		Modified: protocol.Beijing(protocol.FromMillis(p.Modified)), Category: p.Category,
		Reason: p.Reason, Content: p.Content, Images: p.Images, Phone: p.Phone, TargetID: p.AppID, TargetType: "APPID"}
	if p.SMID != "" {
		i.TargetID, i.TargetType = p.PID, "PID"
	}
	if p.Finished > 0 {
		i.Finished = protocol.Beijing(protocol.FromMillis(p.Finished))
	}
	if detailed {
		i.Amount = p.Amount.Yuan()
		for _, r := range p.Replies {
			i.Replies = append(i.Replies,
				replyInfo{r.Name, r.Role, protocol.Beijing(protocol.FromMillis(r.At)), r.Content, r.Images})
		}
	}
	return i
}

// complaintPage is the shape of a query for many.
type complaintPage struct {
	status     string
	from, to   time.Time
	page, size int
}

func complaintPageOf(c *gateway.Call) (complaintPage, error) {
	q := complaintPage{status: c.Biz.Str("status"), to: c.Now.Add(time.Second), from: c.Now.AddDate(0, 0, -30),
		page: c.Biz.Num("page_num", 1), size: c.Biz.Num("page_size", 10)}
	for _, f := range []struct {
		name string
		to   *time.Time
	}{{"begin_time", &q.from}, {"end_time", &q.to}} {
		if !c.Biz.Has(f.name) {
			continue
		}
		at, err := time.ParseInLocation(time.DateTime, c.Biz.Str(f.name), protocol.BeijingZone())
		if err != nil {
			return q, paramIllegal(f.name)
		}
		*f.to = at
	}
	known := []string{"", Open, Answered, Late, WithPlatform, Decided, Finished, Dropped, Closed}
	switch {
	case q.to.Before(q.from) || q.to.Sub(q.from) > 366*24*time.Hour:
		return q, paramIllegal("begin_time,end_time")
	case q.page < 1 || q.size < 1 || q.size > 20:
		return q, paramIllegal("page_num,page_size")
	case !slices.Contains(known, q.status):
		return q, paramIllegal("status")
	}
	for _, name := range []string{"page_num", "page_size"} {
		if _, err := strconv.Atoi(c.Biz.Str(name)); c.Biz.Has(name) && err != nil {
			return q, paramIllegal(name)
		}
	}
	return q, nil
}

// queryComplaints is alipay.merchant.tradecomplain.batchquery, newest first.
func queryComplaints(c *gateway.Call) (any, error) {
	q, err := complaintPageOf(c)
	if err != nil {
		return nil, err
	}
	var all []complaintInfo
	err = c.View(func(tx *state.Tx) error {
		return state.Each(tx, Bucket, "", "", func(_ string, p *Complaint) (bool, error) {
			if p.PID == c.PID && (q.status == "" || p.Status == q.status) && p.Created >= protocol.Millis(q.from) &&
				p.Created < protocol.Millis(q.to) {
				all = append(all, p.describe(false))
			}
			return true, nil
		})
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	from := min((q.page-1)*q.size, len(all))
	return struct {
		List  []complaintInfo `json:"trade_complain_infos"`
		Page  int             `json:"page_num"`
		Size  int             `json:"page_size"`
		Total int             `json:"total_num"`
		Pages int             `json:"total_page_num"`
	}{append([]complaintInfo{}, all[from:min(from+q.size, len(all))]...), q.page, q.size, len(all),
		(len(all) + q.size - 1) / q.size}, nil
}

// queryComplaint is alipay.merchant.tradecomplain.query.
func queryComplaint(c *gateway.Call) (any, error) {
	var i complaintInfo
	err := c.View(func(tx *state.Tx) error {
		p, err := complaintOf(tx, c)
		if err != nil {
			return err
		}
		i = p.describe(true)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return i, nil
}

// feedback is alipay.merchant.tradecomplain.feedback.submit: the merchant says what it did. A refund that did not
// happen is no feedback.
func feedback(c *gateway.Call) (any, error) {
	code := c.Biz.Str("feedback_code")
	if !slices.Contains([]string{"00", "02", "03", "04", "05", "06", "194"}, code) {
		return nil, paramIllegal("feedback_code")
	}
	if regexp.MustCompile(`^.{0,6}$`).FindString(c.Biz.Str("operator")) != c.Biz.Str("operator") {
		return nil, paramIllegal("operator")
	}
	return nil, c.Update(func(tx *state.Tx) error {
		p, err := complaintOf(tx, c)
		if err != nil {
			return err
		}
		if err := p.answerable(); err != nil {
			return err
		}
		t, err := trades.ByNo(tx, p.PID, p.TradeNo)
		switch {
		case err != nil:
			return err
		case t != nil && code == "02" && t.Refunded == 0:
			return protocol.Refuse("REFUND_FEEDBACK_FAILED", "订单未退款，不能提交已退款的处理结果")
		case t != nil && code == "00" && t.Refunded > 0:
			return protocol.Refuse("REFUND_ALREADY_SUCCEED", "订单已退款")
		}
		if err := p.say(tx, c, "feedback"); err != nil {
			return err
		}
		p.Status, p.Feedback = Answered, code
		return Change(tx, p)
	})
}

// answerable: the complaint is still the merchant's.
func (p *Complaint) answerable() error {
	if p.Status != Open && p.Status != Late {
		return protocol.Refuse("STATUS_CHANGED", "投诉单状态已变更")
	}
	return nil
}

// reply is reply.submit and supplement.submit: words that change no status.
func reply(kind string) func(c *gateway.Call) (any, error) {
	return func(c *gateway.Call) (any, error) {
		return nil, c.Update(func(tx *state.Tx) error {
			p, err := complaintOf(tx, c)
			if err != nil {
				return err
			}
			if p.Finished > 0 {
				return protocol.Refuse("STATUS_CHANGED", "投诉单状态已变更")
			}
			if err := p.say(tx, c, kind); err != nil {
				return err
			}
			return Change(tx, p)
		})
	}
}

// say appends the merchant's words, with pictures uploaded before.
func (p *Complaint) say(tx *state.Tx, c *gateway.Call, kind string) error {
	content := c.Biz.Str(kind + "_content")
	switch {
	case content == "" || len([]rune(content)) > 200:
		return paramIllegal(kind + "_content")
	case slices.ContainsFunc(protocol.ForbiddenWords(), func(w string) bool { return strings.Contains(content, w) }):
		return protocol.Refuse("SUBMIT_CONTENT_VIOLATION", "提交内容违规")
	}
	r := Reply{Name: "商家", Role: roleMerchant, At: protocol.Millis(tx.Now), Content: content}
	for id := range strings.SplitSeq(c.Biz.Str(kind+"_images"), ",") {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		img, err := state.Get[merchants.StoredImage](tx, bucketComplainImages, p.PID+"|"+id)
		if err != nil {
			return err
		}
		if img == nil {
			return paramIllegal(kind + "_images")
		}
		r.Images = append(r.Images, id)
	}
	p.Replies = append(p.Replies, r)
	return nil
}

// maxComplaintImage is the documented size of a picture in a complaint.
const maxComplaintImage = 5 << 20

// uploadComplaintImage is alipay.merchant.image.upload.
func uploadComplaintImage(c *gateway.Call) (any, error) {
	kind := strings.ToLower(c.Biz.Str("image_type"))
	up, ok := c.Files["image_content"]
	if !ok || !slices.Contains([]string{"jpg", "jpeg", "png"}, kind) || len(up.Data) == 0 ||
		len(up.Data) > maxComplaintImage ||
		merchants.ImageKind(up.Data) != strings.Replace(kind, "jpeg", "jpg", 1) {
		return nil, paramIllegal("image_type,image_content")
	}
	img := merchants.StoredImage{ID: merchants.NewUUID(), PID: c.PID, Name: up.Name, Size: len(up.Data),
		At: protocol.Millis(c.Now)}
	if err := c.Update(func(tx *state.Tx) error {
		return state.Put(tx, bucketComplainImages, c.PID+"|"+img.ID, img)
	}); err != nil {
		return nil, err
	}
	return struct {
		ID string `json:"image_id"`
	}{img.ID}, nil
}

// timerComplaint is the timer of a merchant's time to answer a complaint; what = complain_event_id.
const timerComplaint = 'k'

// Timers say what happens to complaints by itself.
func Timers() state.Timers { return state.Timers{timerComplaint: state.ByName(complaintTimer)} }
