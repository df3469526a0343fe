// Package shops keeps how a platform looks to its buyers: its name, a colour, a logo, and how it is reached.
package shops

import (
	"context"
	"fmt"
	"net/http"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

var q = dbsqlc.New()

// decodings bounds how many logos are decoded at a time in the program.
const decodings = 2

// Shop is how a platform looks. What is empty was not set.
type Shop struct {
	Name           string
	Accent         string // #rrggbb, as it was chosen; pages have what [ColorsOf] makes of it
	Notice         string
	ServiceHours   string
	ServiceContact string
	Logo           string // the digest of the logo; empty: none
	Version        int64  // 0: nothing was set yet
}

// Service is what people do with the look of their platform.
type Service struct {
	db       *db.DB
	clock    clock.Clock
	decoding chan struct{}
}

// New makes a Service.
func New(d *db.DB, c clock.Clock) *Service {
	return &Service{db: d, clock: c, decoding: make(chan struct{}, decodings)}
}

// Ask reads the look of the platform along with other reads. Atomic.
func Ask(ctx context.Context, r db.Asked) (Shop, error) {
	row, err := q.ShopGet(ctx, r)
	if db.IsNoRows(err) {
		return Shop{}, nil
	}
	if err != nil {
		return Shop{}, fmt.Errorf("read the look of the platform: %w", err)
	}
	return Shop{Name: row.Name, Accent: row.Accent, Notice: row.Notice, ServiceHours: row.ServiceHours,
		ServiceContact: row.ServiceContact, Logo: row.LogoDigest, Version: row.Version}, nil
}

// Get reads the look of the platform.
func (s *Service) Get(ctx context.Context, a tenants.Actor) (out Shop, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		out, err = read(ctx, tx)
		return err
	})
	return out, err
}

func read(ctx context.Context, tx db.TenantTx) (out Shop, err error) {
	err = tx.Ask(ctx, func(ctx context.Context, r db.Asked) (err error) {
		out, err = Ask(ctx, r)
		return err
	})
	return out, err
}

// lock reads the look and keeps others from changing it meanwhile. Who sets it first has the tenant's row between them.
func lock(ctx context.Context, tx db.TenantTx) (Shop, error) {
	if err := q.TenantLock(ctx, tx); err != nil {
		return Shop{}, fmt.Errorf("lock the tenant: %w", err)
	}
	return read(ctx, tx)
}

// Put sets all of the look but the logo. It returns precondition_failed.
func (s *Service) Put(ctx context.Context, a tenants.Actor, in Shop, match tenants.Match) (out Shop, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		was, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		if err := match.Check(was.Version); err != nil {
			return err
		}
		if err := q.ShopPut(ctx, tx, dbsqlc.ShopPutParams{Name: in.Name, Accent: in.Accent, Notice: in.Notice,
			ServiceHours: in.ServiceHours, ServiceContact: in.ServiceContact, UpdatedAt: s.clock.Now()}); err != nil {
			return fmt.Errorf("write the look of the platform: %w", err)
		}
		changes := tenants.Changes{}.Add("name", was.Name, in.Name).Add("accent", was.Accent, in.Accent).
			Add("notice", was.Notice, in.Notice).Add("service_hours", was.ServiceHours, in.ServiceHours).
			Add("service_contact", tenants.Masked(was.ServiceContact), tenants.Masked(in.ServiceContact))
		if err := audit.Record(ctx, tx, audit.Actor(a), "putShop", "tenant", a.Tenant, "", changes...); err != nil {
			return err
		}
		out, err = read(ctx, tx)
		return err
	})
	return out, err
}

// PutLogo takes in a picture, made anew. It returns logo_invalid.
func (s *Service) PutLogo(ctx context.Context, a tenants.Actor, content []byte) (out Shop, err error) {
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
	case <-ctx.Done():
		return out, context.Cause(ctx)
	}
	picture, err := reencode(content)
	if err != nil {
		return out, err
	}
	return s.setLogo(ctx, a, "putShopLogo", picture)
}

// DeleteLogo takes the logo away. It returns logo_not_found.
func (s *Service) DeleteLogo(ctx context.Context, a tenants.Actor) error {
	_, err := s.setLogo(ctx, a, "deleteShopLogo", nil)
	return err
}

// setLogo keeps a picture, or none.
func (s *Service) setLogo(
	ctx context.Context,
	a tenants.Actor,
	operation string,
	picture []byte,
) (out Shop, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		was, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		if picture == nil && was.Logo == "" {
			return errNoLogo()
		}
		name := digest(picture)
		if err := q.ShopLogoPut(ctx, tx, picture, name, s.clock.Now()); err != nil {
			return fmt.Errorf("write the logo: %w", err)
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), operation, "tenant", a.Tenant, "",
			tenants.Changes{}.Add("logo", was.Logo, name)...); err != nil {
			return err
		}
		out, err = read(ctx, tx)
		return err
	})
	return out, err
}

// Logo is the picture that an address names, for anybody. It returns logo_not_found.
func (s *Service) Logo(ctx context.Context, tenant id.Tenant, name string) (picture []byte, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		picture, err = q.ShopLogo(ctx, tx, name)
		if db.IsNoRows(err) {
			return errNoLogo()
		}
		if err != nil {
			return fmt.Errorf("read the logo: %w", err)
		}
		return nil
	})
	return picture, err
}

func errNoLogo() error { return fault.New(CodeLogoNotFound, "There is no logo.") }

// The codes of this package.
const (
	CodeLogoInvalid  fault.Code = "logo_invalid"
	CodeLogoNotFound fault.Code = "logo_not_found"
)

// Faults are the codes this package returns.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:    CodeLogoInvalid,
			Status:  http.StatusUnprocessableEntity,
			Title:   "Logo not usable",
			TitleZh: "图标不可用",
			Meaning: "A logo is a PNG or WebP of at most 256 kB and 1024 pixels a side, without animation; " +
				"detail says what is wrong.",
			MeaningZh: "图标须为 PNG 或 WebP 静态图片，不超过 256 kB，每边不超过 1024 像素；原因见 detail。",
		},
		{
			Code:      CodeLogoNotFound,
			Status:    http.StatusNotFound,
			Title:     "No logo",
			TitleZh:   "没有图标",
			Meaning:   "The platform has no logo, or not this one any more.",
			MeaningZh: "平台没有图标，或该图标已被替换。",
		},
	}
}
