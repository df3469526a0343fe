package retention_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants/retention"
)

// draft writes an application with an image that was touched so many days ago.
func (h *house) draft(tenant id.Tenant, days int, status string) uuid.UUID {
	h.t.Helper()
	var made uuid.UUID
	in(h.t, h.db, tenant, func(ctx context.Context, tx db.TenantTx) {
		a := dbtest.Application(h.t, tx, dbtest.Merchant(h.t, tx).ID, func(a *dbsqlc.Application) {
			a.CreatedAt = h.clock.Now().Add(-900 * day)
			a.TouchedAt = h.clock.Now().Add(-time.Duration(days) * day)
			if a.Status = "draft"; status != "draft" {
				a.Status, a.SubmittedAt = "submitted", &a.TouchedAt
			}
		})
		made = uuid.UUID(a.ID)
		if _, err := tx.Exec(ctx, `INSERT INTO application_images (id, application_id, merchant_id, purpose,
			content_type, sha256, sealed_content)
			VALUES (gen_random_uuid(), $1, $2, 'cert_image', 'image/png', sha256('x'), 'x')`,
			a.ID, a.MerchantID); err != nil {
			h.t.Fatal(err)
		}
	})
	return made
}

// TestDraftsEnd: a draft that nobody has touched for as long as the platform says goes, with its images, and that is
// told; one that somebody touches, and a submitted one however old, stays.
func TestDraftsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := dbtest.NewTenant(t, h.db), dbtest.NewTenant(t, h.db)
	h.exec(b, "UPDATE tenants SET drafts_kept_days = 30")
	stays := []uuid.UUID{h.draft(a, 89, "draft"), h.draft(a, 800, "submitted")}
	due := []uuid.UUID{h.draft(a, 91, "draft"), h.draft(a, 400, "draft")}
	younger := h.draft(b, 31, "draft")
	if deleted := h.sweep(retention.Config{}, a); deleted["applications"] != 2 {
		t.Errorf("deleted %v", deleted)
	}
	h.wantLeft(a, "applications", stays...)
	if n := len(h.left(a, "application_images")); n != len(stays) {
		t.Errorf("%d images are left", n)
	}
	h.wantLeft(b, "applications", younger)
	if deleted := h.sweep(retention.Config{}, b); deleted["applications"] != 1 {
		t.Errorf("as the platform says: deleted %v", deleted)
	}
	h.wantTold(a, due...)
	h.wantTold(b, younger)
	if again := h.sweep(retention.Config{}, a); again["applications"] != 0 {
		t.Errorf("a second sweep deletes %v", again)
	}
	h.wantTold(a, due...)
}

func (h *house) wantTold(tenant id.Tenant, drafts ...uuid.UUID) {
	h.t.Helper()
	var told, audited []uuid.UUID
	in(h.t, h.db, tenant, func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, `SELECT
			(SELECT array_agg(subject_id ORDER BY subject_id) FROM events
			 WHERE type = 'onboarding.expired' AND data ->> 'status' = 'draft'),
			(SELECT array_agg(subject_id ORDER BY subject_id) FROM audit_log WHERE action = 'deleteApplication')`).
			Scan(&told, &audited); err != nil {
			h.t.Fatal(err)
		}
	})
	slices.SortFunc(drafts, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	if !slices.Equal(told, drafts) || !slices.Equal(audited, drafts) {
		h.t.Errorf("told of %v, audited %v, want %v", told, audited, drafts)
	}
}

// TestDraftsEndCrash: a sweep that dies between a draft's images and the draft leaves both; the next one takes both.
func TestDraftsEndCrash(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"application_images deleting", "applications deleting"} {
		h := newHouse(t)
		tenant := dbtest.NewTenant(t, h.db)
		due := h.draft(tenant, 91, "draft")
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: it was not reached", step)
				}
			}()
			h.sweep(retention.Config{Step: func(at string) {
				if at == step {
					panic(at)
				}
			}}, tenant)
		}()
		h.wantLeft(tenant, "applications", due)
		if n := len(h.left(tenant, "application_images")); n != 1 {
			t.Errorf("%s: the draft has lost its image", step)
		}
		h.wantTold(tenant)
		h.sweep(retention.Config{}, tenant)
		h.wantLeft(tenant, "applications")
		h.wantLeft(tenant, "application_images")
		h.wantTold(tenant, due)
	}
}
