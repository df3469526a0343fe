// Package files keeps files: what people upload, and what tasks make. The content is cut into chunks, and each is
// sealed with a key of the file's own for its place: the file, its number, and whether it is the last one. So no chunk
// can be exchanged for another, repeated, left out or cut off. The file's key is sealed with the tenant's data key:
// when that is exchanged, no content is touched. The chunks lie in Postgres, or in an object store when there is one.
// Nothing shows before it is whole.
package files

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

const (
	// ChunkMax is how many bytes of content a chunk has at most.
	ChunkMax = 1 << 20
	// SizeMax bounds a file, and so how many chunks it has.
	SizeMax = 4 << 30
	// UploadKept is how long an upload stays.
	UploadKept = 30 * 24 * time.Hour
	// unfinishedKept is how long a file may be written.
	unfinishedKept = 48 * time.Hour
	// stalled bounds one call of the object store.
	stalled = 60 * time.Second
)

// Codes of this package.
const (
	CodeFileNotFound fault.Code = "file_not_found"
	CodeFileTooLarge fault.Code = "file_too_large"
	CodeFileEmpty    fault.Code = "file_empty"
	CodeFileBroken   fault.Code = "file_broken"
	CodeFileOthers   fault.Code = "file_of_another"
	CodeFileRange    fault.Code = "range_not_satisfiable"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:      CodeFileNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such file",
			TitleZh:   "文件不存在",
			Meaning:   "There is no file with this id that you may read, or its time is up.",
			MeaningZh: "没有此标识的、您可读取的文件，或文件已过期。",
		},
		{
			Code:      CodeFileTooLarge,
			Status:    http.StatusRequestEntityTooLarge,
			Title:     "The file is too large",
			TitleZh:   "文件过大",
			Meaning:   "An upload has at most as many bytes as `upload_bytes_max` of the platform says.",
			MeaningZh: "上传的文件不得超过平台设置的 `upload_bytes_max` 字节。",
		},
		{
			Code:      CodeFileEmpty,
			Status:    http.StatusUnprocessableEntity,
			Title:     "The file is empty",
			TitleZh:   "文件为空",
			Meaning:   "A file has at least one byte.",
			MeaningZh: "文件至少要有一个字节。",
		},
		{
			Code:    CodeFileBroken,
			Status:  http.StatusInternalServerError,
			Title:   "The file cannot be read",
			TitleZh: "文件无法读取",
			Meaning: "What is stored is not what was written. Nothing of it is given out; tell us the id of " +
				"the file.",
			MeaningZh: "存储的内容与写入的不一致，因此不提供任何内容。请提供文件标识。",
		},
		{
			Code:      CodeFileOthers,
			Status:    http.StatusForbidden,
			Title:     "The file is somebody else's",
			TitleZh:   "文件属于他人",
			Meaning:   "A file is deleted by who made it, or by an owner or admin.",
			MeaningZh: "文件只能由创建者、所有者或管理员删除。",
		},
		{
			Code:      CodeFileRange,
			Status:    http.StatusRequestedRangeNotSatisfiable,
			Title:     "The range is outside of the file",
			TitleZh:   "请求范围超出文件",
			Meaning:   "`Range` begins behind the end of the file.",
			MeaningZh: "`Range` 的起点在文件末尾之后。",
		},
	}
}

// File is a file that is whole.
type File struct {
	ID          id.File
	Purpose     vocabulary.FilePurpose
	Name        string
	ContentType string
	Size        int64
	SHA256      []byte
	Maker       tenants.Actor // who made it, with the rights of then
	CreatedAt   time.Time
	ExpiresAt   time.Time

	chunks   int32
	inBucket bool
}

// Bucket is an object store. Keys are "tenant/file/number".
type Bucket interface {
	Put(ctx context.Context, key string, content []byte) error
	Get(ctx context.Context, key string, most int64) ([]byte, error)
	// DeleteAll deletes what begins with prefix; that nothing does is no error.
	DeleteAll(ctx context.Context, prefix string) error
}

// Config is what a Service needs.
type Config struct {
	DB     *db.DB
	Vault  *vault.Vault
	Clock  clock.Clock
	Bucket Bucket            // nil: chunks lie in Postgres
	Step   func(name string) // nil in production; tests crash at a step
}

// Service carries the use cases of files.
type Service struct {
	db     *db.DB
	vault  *vault.Vault
	clock  clock.Clock
	bucket Bucket
	step   func(name string)
}

// New makes a Service.
func New(c Config) *Service {
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Service{db: c.DB, vault: c.Vault, clock: c.Clock, bucket: c.Bucket, step: c.Step}
}

// place is where a chunk belongs, sealed with the key of its file; opened anywhere else it fails.
func place(t id.Tenant, f id.File, number int32, last bool) secret.Place {
	end := "more"
	if last {
		end = "last"
	}
	return secret.Place{Tenant: t.UUID().String(), Table: "file_chunks",
		Row: fmt.Sprintf("%s/%d/%s", f.UUID(), number, end), Column: "wrapped"}
}

// folder is where the chunks of a file lie in the object store.
func folder(t id.Tenant, f id.File) string { return t.String() + "/" + f.String() + "/" }

func fileOf(r dbsqlc.File) File {
	caller := tenants.ByKey(id.APIKey(r.CallerID))
	if vocabulary.CallerKind(r.CallerKind) == vocabulary.CallerSession {
		caller = tenants.BySession(id.Session(r.CallerID), r.MemberID)
	}
	return File{
		ID:          r.ID,
		Purpose:     r.Purpose,
		Name:        r.Name,
		ContentType: r.ContentType,
		Size:        r.SizeBytes,
		SHA256:      r.Sha256,
		Maker: tenants.Actor{Tenant: r.TenantID, Caller: caller, Role: tenants.Role(r.Role),
			Merchant: r.MerchantID},
		CreatedAt: r.CreatedAt,
		ExpiresAt: r.ExpiresAt,
		chunks:    r.Chunks,
		inBucket:  r.InBucket,
	}
}

func errNotFound() error { return fault.New(CodeFileNotFound, "There is no such file.") }
