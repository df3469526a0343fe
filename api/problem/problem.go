// Package problem answers errors: it is the only writer of application/problem+json (RFC 9457).
//
// A [fault.Error] becomes its status, code and sentence; a database that is away becomes 503; everything else is 500
// internal, whose text goes to the log and never to the caller. Rejected values are never repeated.
package problem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"golang.org/x/text/language"

	"zhitong/api/call"
	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/tenants"
)

// Codes that the HTTP layer itself answers with.
const (
	Internal            fault.Code = "internal"
	DatabaseUnavailable fault.Code = "database_unavailable"
	RouteNotFound       fault.Code = "route_not_found"
	MethodNotAllowed    fault.Code = "method_not_allowed"
	BodyTooLarge        fault.Code = "body_too_large"
	KeyMissing          fault.Code = "idempotency_key_missing"
	RateLimited         fault.Code = "rate_limited"
	Forbidden           fault.Code = "forbidden"
	FilterNotAllowed    fault.Code = "filter_not_allowed"
	UnsupportedMedia    fault.Code = "unsupported_media_type"
	UnknownAPIVersion   fault.Code = "unknown_api_version"
)

// ContentType is the media type of a problem.
const ContentType = "application/problem+json"

// Faults are the codes of the HTTP layer.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:    Internal,
			Status:  500,
			Title:   "Internal error",
			TitleZh: "内部错误",
			Meaning: "A fault of ours. It has been logged under the Request-Id; repeating the request with the " +
				"same Idempotency-Key is safe.",
			MeaningZh: "我方故障，已按 Request-Id 记入日志；用同一 Idempotency-Key 重复请求是安全的。",
		},
		{
			Code:    DatabaseUnavailable,
			Status:  503,
			Title:   "Database unavailable",
			TitleZh: "数据库暂不可用",
			Meaning: "The database is away for a moment or did not answer in time. Repeat the same request after " +
				"Retry-After.",
			MeaningZh: "数据库暂时不可用或未及时应答。请在 Retry-After 之后重复同一请求。",
		},
		{
			Code:      RouteNotFound,
			Status:    404,
			Title:     "No such path",
			TitleZh:   "路径不存在",
			Meaning:   "The path is not part of the API. See /openapi.yaml.",
			MeaningZh: "该路径不属于本接口，见 /openapi.yaml。",
		},
		{
			Code:      MethodNotAllowed,
			Status:    405,
			Title:     "Method not allowed",
			TitleZh:   "方法不允许",
			Meaning:   "The path exists, but not with this method. The Allow header lists those that do.",
			MeaningZh: "路径存在，但不支持该方法；支持的方法见 Allow 头。",
		},
		{
			Code:    BodyTooLarge,
			Status:  413,
			Title:   "Body too large",
			TitleZh: "请求体过大",
			Meaning: "The body exceeds the limit: 1 MiB, or 5 MB for an image. Send less, for example card keys in " +
				"several imports.",
			MeaningZh: "请求体超过上限：1 MiB，图片为 5 MB。请减少内容，例如分几次导入卡密。",
		},
		{
			Code:    KeyMissing,
			Status:  400,
			Title:   "Idempotency-Key missing",
			TitleZh: "缺少 Idempotency-Key",
			Meaning: "This operation moves money or stock and needs an Idempotency-Key header, so that a repeat is " +
				"safe.",
			MeaningZh: "该操作涉及资金或库存，须带 Idempotency-Key 头，使重复请求安全。",
		},
		{
			Code:      RateLimited,
			Status:    429,
			Title:     "Too many requests",
			TitleZh:   "请求过多",
			Meaning:   "The limit of this API key or address is used up for the moment. Wait for Retry-After.",
			MeaningZh: "该接口密钥或地址的限额暂时用完，请等待 Retry-After。",
		},
		{
			Code:      Forbidden,
			Status:    403,
			Title:     "Not allowed",
			TitleZh:   "没有权限",
			Meaning:   "The role of the API key does not include this operation.",
			MeaningZh: "接口密钥的角色不包含此操作。",
		},
		{
			Code:    FilterNotAllowed,
			Status:  403,
			Title:   "Filter not allowed",
			TitleZh: "不能使用该筛选条件",
			Meaning: "The role of the API key reads the field masked, or not at all, so it cannot look for a value " +
				"of it either.",
			MeaningZh: "该接口密钥的角色只能看到脱敏后的字段或看不到该字段，因此也不能按其值查找。",
		},
		{
			Code:    UnsupportedMedia,
			Status:  415,
			Title:   "Unsupported media type",
			TitleZh: "不支持的 Content-Type",
			Meaning: "The operation takes another Content-Type: `application/json`, `image/…` for an image, or no " +
				"body at all.",
			MeaningZh: "该操作接受其他 Content-Type：`application/json`，图片为 `image/…`；或不接受请求体。",
		},
		{
			Code:    UnknownAPIVersion,
			Status:  400,
			Title:   "Unknown version of the API",
			TitleZh: "未知的接口版本",
			Meaning: "There is no version with the date that `Zhitong-Version` names; `detail` lists those there " +
				"are.",
			MeaningZh: "没有 `Zhitong-Version` 所指日期的版本；现有版本见 `detail`。",
		},
	}
}

// Problem is the body, in the words of RFC 9457.
type Problem struct {
	Type     string        `json:"type"`
	Title    string        `json:"title"`
	Status   int           `json:"status"`
	Code     fault.Code    `json:"code"`
	Detail   string        `json:"detail,omitempty"`
	Instance string        `json:"instance"`
	Errors   []fault.Field `json:"errors,omitempty"`
}

// Writer writes problems. It is immutable.
type Writer struct {
	catalogue fault.Catalogue
	docs      string
}

// NewWriter makes a writer whose types link to docs, the address of the page made by [Markdown]'s sibling in the API
// reference. The catalogue must know the codes of this package.
func NewWriter(catalogue fault.Catalogue, docs string) (*Writer, error) {
	for _, d := range Faults() {
		if _, ok := catalogue[d.Code]; !ok {
			return nil, fmt.Errorf("problem: the catalogue lacks %q", d.Code)
		}
	}
	return &Writer{catalogue: catalogue, docs: docs}, nil
}

// titles are the languages of a problem's title, the default first.
var titles = language.NewMatcher([]language.Tag{language.English, language.Chinese})

// retryAfterSeconds is told to callers of what is away or busy for a moment.
const retryAfterSeconds = "1"

// Write answers with the problem that err is, and notes it in the request's Call. The title is in Chinese for a caller
// who prefers it, else in English.
func (pw *Writer) Write(w http.ResponseWriter, r *http.Request, err error) {
	c := call.From(r.Context())
	p := pw.Of(err)
	if accept := r.Header.Get("Accept-Language"); accept != "" {
		_, i := language.MatchStrings(titles, accept)
		p.Title = pw.catalogue[p.Code].TitleIn(i == 1)
	}
	w.Header().Add("Vary", "Accept-Language")
	p.Instance = Instance(c.ID)
	c.Code, c.Err = p.Code, err
	body, jerr := json.Marshal(p)
	if jerr != nil { // strings and integers only: cannot happen
		body = []byte(`{"type":"about:blank","title":"Internal error","status":500,"code":"internal","instance":""}`)
	}
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	busy := p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests
	if busy && h.Get("Retry-After") == "" {
		h.Set("Retry-After", retryAfterSeconds)
	}
	if stale, ok := errors.AsType[tenants.Stale](err); ok {
		h.Set("ETag", ETag(stale.Version))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="zhitong"`)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}

// Instance is the URI of one answer, made from its Request-Id.
func Instance(requestID string) string { return "urn:zhitong:request:" + requestID }

// ETag is the entity tag of a version of a thing (RFC 9110, 8.8.3).
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Words are what is said of a code, in both languages.
func (pw *Writer) Words(code fault.Code) fault.Definition { return pw.catalogue[code] }

// Of is the problem that err is, without an instance.
func (pw *Writer) Of(err error) Problem {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		if d, ok := pw.catalogue[f.Code]; ok {
			return Problem{
				Type:   pw.docs + "#" + string(d.Code),
				Title:  d.Title,
				Status: d.Status,
				Code:   d.Code,
				Detail: f.Detail,
				Errors: f.Fields,
			}
		}
		return pw.of(Internal) // a code nobody declared is a bug of ours
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		p := pw.of(BodyTooLarge)
		p.Detail = fmt.Sprintf("The body may have at most %d bytes.", tooLarge.Limit)
		return p
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || db.IsUnavailable(err) {
		return pw.of(DatabaseUnavailable)
	}
	return pw.of(Internal)
}

func (pw *Writer) of(code fault.Code) Problem {
	d := pw.catalogue[code]
	return Problem{Type: pw.docs + "#" + string(code), Title: d.Title, Status: d.Status, Code: code}
}
