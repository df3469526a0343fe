// Package access says who may come in: API keys and members, and what one of them may give to another. Which role may
// call which operation is the API's policy, not decided here.
package access

import (
	"context"
	"fmt"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Codes of this package.
const (
	CodeUnauthenticated   fault.Code = "unauthenticated"
	CodeAPIKeyNotFound    fault.Code = "api_key_not_found"
	CodeMemberNotFound    fault.Code = "member_not_found"
	CodeMemberEmailTaken  fault.Code = "member_email_taken"
	CodeRoleExceedsOwn    fault.Code = "role_exceeds_own"
	CodeRoleNeedsMerchant fault.Code = "role_needs_merchant"
	CodeLastOwnerKey      fault.Code = "last_owner_key"
	CodeLastOwner         fault.Code = "last_owner"
	CodePermissionMissing fault.Code = "permission_missing"
	CodeAPIKeyEnded       fault.Code = "api_key_ended"

	// Of invitations. The last two are told by pages only, in words of their own.
	CodeInvitationNotFound     fault.Code = "invitation_not_found"
	CodeInvitationEnded        fault.Code = "invitation_ended"
	CodeInvitationOtherAddress fault.Code = "invitation_other_address"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		secondPersonFault(),
		{Code: CodeUnauthenticated, Status: http.StatusUnauthorized, Title: "No valid API key",
			TitleZh:   "没有有效的接口密钥",
			Meaning:   "Send a key that is not revoked as `Authorization: Bearer zt_test_…`.",
			MeaningZh: "请以 `Authorization: Bearer zt_test_…` 发送未吊销的密钥。"},
		{
			Code:      CodeAPIKeyNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such API key",
			TitleZh:   "接口密钥不存在",
			Meaning:   "The tenant has no API key with this id.",
			MeaningZh: "租户内没有此标识的接口密钥。",
		},
		{
			Code:      CodeMemberNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such member",
			TitleZh:   "成员不存在",
			Meaning:   "The tenant has no member with this id.",
			MeaningZh: "租户内没有此标识的成员。",
		},
		{
			Code:      CodeMemberEmailTaken,
			Status:    http.StatusConflict,
			Title:     "The e-mail address is taken",
			TitleZh:   "邮箱已被使用",
			Meaning:   "A member with this address exists already.",
			MeaningZh: "已有成员使用此邮箱。",
		},
		{Code: CodeRoleExceedsOwn, Status: http.StatusForbidden, Title: "The role exceeds your own",
			TitleZh: "角色超过自身权限",
			Meaning: "Nobody can give a role that may do more than their own, nor revoke a key, change a member or " +
				"remove " +
				"one that has such a role. An owner can give every role, an admin every role but owner.",
			MeaningZh: "不能授予超过自身权限的角色，也不能吊销具有这种角色的密钥，不能修改或移除这样的成员。" +
				"所有者可授予任何角色，管理员可授予除所有者外的任何角色。"},
		{Code: CodePermissionMissing, Status: http.StatusForbidden, Title: "The key lacks a permission",
			TitleZh: "密钥缺少权限",
			Meaning: "The API key is restricted (`permissions`), and the operation needs a level of a resource that " +
				"the key does not have; `detail` names it. Nobody gives a key, or takes from one, what their own key " +
				"lacks.",
			MeaningZh: "接口密钥受限（`permissions`），此操作所需的资源权限不在其中，见 `detail`。不能授予或收回自己的密钥所没有的权限。"},
		{Code: CodeInvitationNotFound, Status: http.StatusNotFound, Title: "No such invitation", TitleZh: "邀请不存在",
			Meaning: "The tenant has no invitation with this id.", MeaningZh: "租户内没有此标识的邀请。"},
		{Code: CodeAPIKeyEnded, Status: http.StatusConflict, Title: "The API key has ended",
			TitleZh:   "接口密钥已失效",
			Meaning:   "A key that was revoked or has expired gets no new secret. Make another one.",
			MeaningZh: "已吊销或已到期的密钥不能更换内容，请创建新的密钥。"},
		{Code: CodeLastOwnerKey, Status: http.StatusConflict, Title: "The last key of an owner",
			TitleZh: "所有者的最后一个密钥",
			Meaning: "A platform keeps at least one API key with the role owner that does not expire: without one, " +
				"nobody could make another. " +
				"Make a new owner's key first, then revoke this one.",
			MeaningZh: "平台至少保留一个角色为所有者且不会到期的接口密钥，否则再也无法创建。请先创建新的所有者密钥，再吊销此密钥。"},
		{
			Code:    CodeLastOwner,
			Status:  http.StatusConflict,
			Title:   "The last owner",
			TitleZh: "最后一位所有者",
			Meaning: "A platform keeps at least one member with the role owner. Give the role to another member " +
				"first, " +
				"then change or remove this one.",
			MeaningZh: "平台至少保留一位角色为所有者的成员。请先将该角色授予其他成员，再修改或移除此成员。",
		},
		{Code: CodeRoleNeedsMerchant, Status: http.StatusUnprocessableEntity, Title: "Role and merchant do not fit",
			TitleZh: "角色与商户不匹配",
			Meaning: "The roles distributor and supplier need the merchant_id of a merchant of that kind; other " +
				"roles take none.",
			MeaningZh: "角色 distributor 和 supplier 须填写同类型商户的 merchant_id；其他角色不填。"},
	}
}

const (
	// cacheFor is how long an answer of Authenticate is believed: less than the second within which a revocation bites
	// everywhere.
	cacheFor = 800 * time.Millisecond
	// cacheMax bounds the cache; when it is full, the key that was used longest ago makes room.
	cacheMax = 10_000
)

// Service carries the use cases of access.
type Service struct {
	db    *db.DB
	vault *vault.Vault
	clock clock.Clock
	cache *lru.Cache[[32]byte, cached] // by the key's hash
	usage usage
}

type cached struct {
	actor tenants.Actor
	at    time.Time
	ends  time.Time // of the key; zero: never
}

// ended tells whether the key is over.
func (c cached) ended(now time.Time) bool { return !c.ends.IsZero() && !now.Before(c.ends) }

// New makes a Service.
func New(d *db.DB, v *vault.Vault, c clock.Clock) *Service {
	cache, err := lru.New[[32]byte, cached](cacheMax)
	if err != nil { // only for a size below 1
		panic(err)
	}
	return &Service{db: d, vault: v, clock: c, cache: cache}
}

// Authenticate tells who calls with an API key. It returns unauthenticated for any text that is not a living key of an
// active tenant, and does not say why. A revoked key stops working within a second, in this process at once.
func (s *Service) Authenticate(ctx context.Context, key string) (tenants.Actor, error) {
	parts, ok := tenants.ParseKey(key)
	if !ok {
		return tenants.Actor{}, errUnauthenticated()
	}
	now := s.clock.Now()
	if a, ok := s.remembered(parts.Hash, now); ok {
		return a, nil
	}
	var row dbsqlc.APIKeyAuthenticateRow
	err := s.db.InTenant(ctx, parts.Tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		if row, err = q.APIKeyAuthenticate(ctx, tx, parts.Hash[:]); !db.IsNoRows(err) {
			return err
		}
		before, err := q.APIKeyAuthenticatePrevious(ctx, tx, parts.Hash[:])
		row = rolled(before)
		return err
	})
	if db.IsNoRows(err) {
		return tenants.Actor{}, errUnauthenticated()
	}
	if err != nil {
		return tenants.Actor{}, fmt.Errorf("look up the API key: %w", err)
	}
	if row.Mode != parts.Mode || row.Status != tenants.StatusActive {
		return tenants.Actor{}, errUnauthenticated()
	}
	a := tenants.Actor{
		Tenant:   parts.Tenant,
		Caller:   tenants.ByKey(row.ID),
		Role:     tenants.Role(row.Role),
		Merchant: row.MerchantID,
		Mode:     row.Mode,

		Permissions: tenants.ReadPermissions(row.Permissions),
	}
	c := cached{a, now, ends(row.ExpiresAt)}
	if c.ended(now) {
		return tenants.Actor{}, errUnauthenticated()
	}
	s.cache.Add(parts.Hash, c)
	s.usage.saw(a, now)
	return a, nil
}

// rolled is the row of a key that is called by its secret before: it ends with that secret, if not earlier.
func rolled(r dbsqlc.APIKeyAuthenticatePreviousRow) dbsqlc.APIKeyAuthenticateRow {
	out := dbsqlc.APIKeyAuthenticateRow{
		ID:          r.ID,
		Role:        r.Role,
		MerchantID:  r.MerchantID,
		ExpiresAt:   r.ExpiresAt,
		Permissions: r.Permissions,
		Mode:        r.Mode,
		Status:      r.Status,
	}
	if until := r.PreviousSecretUntil; until != nil && (r.ExpiresAt == nil || until.Before(*r.ExpiresAt)) {
		out.ExpiresAt = until
	}
	return out
}

// PermissionMissing is the refusal of who calls with a key that lacks the level of the resource.
func PermissionMissing(r vocabulary.Resource, l vocabulary.Level) error {
	return fault.New(CodePermissionMissing, "The key lacks the permission %s: %s.", r, l)
}

func errUnauthenticated() error { return fault.New(CodeUnauthenticated, "The API key is not valid.") }

func (s *Service) remembered(hash [32]byte, now time.Time) (tenants.Actor, bool) {
	c, ok := s.cache.Get(hash)
	age := now.Sub(c.at) // negative when the clock was put back: then it is not believed either
	return c.actor, ok && age >= 0 && age < cacheFor && !c.ended(now)
}

// grant tells whether a may give the role, for the merchant, to another. It returns role_exceeds_own,
// role_needs_merchant or merchant_not_found.
func grant(ctx context.Context, tx db.TenantTx, a tenants.Actor, role tenants.Role, merchant id.Merchant) error {
	if !role.Valid() {
		return fault.New(tenants.CodeInvalidRequest, "There is no such role.").
			At("/role", "enum", "Must be one of the roles.")
	}
	if !a.Role.MayGive(role) || (!a.Merchant.IsZero() && a.Merchant != merchant) {
		return fault.New(CodeRoleExceedsOwn, "A %s cannot give the role %s.", a.Role, role)
	}
	if role.OfMerchant() == merchant.IsZero() {
		return fault.New(CodeRoleNeedsMerchant, "The role %s %s merchant_id.", role,
			map[bool]string{true: "needs a", false: "takes no"}[role.OfMerchant()]).
			At("/merchant_id", "role_needs_merchant", "Is given for the roles distributor and supplier, and for "+
				"those only.")
	}
	if merchant.IsZero() {
		return nil
	}
	m, err := q.MerchantGet(ctx, tx, merchant)
	if db.IsNoRows(err) {
		return tenants.MerchantNotFound()
	}
	if err != nil {
		return fmt.Errorf("read the merchant: %w", err)
	}
	if string(m.Kind) != string(role) {
		return fault.New(CodeRoleNeedsMerchant, "The merchant is a %s.", m.Kind).
			At("/merchant_id", "role_needs_merchant", "Must be a merchant of the role's kind.")
	}
	return nil
}

// APIKey is a key as its tenant sees it.
type APIKey struct {
	ID        id.APIKey
	Name      string
	Role      tenants.Role
	Merchant  id.Merchant // zero unless the role is a merchant's
	Last4     string
	CreatedAt time.Time
	RevokedAt *time.Time
	ExpiresAt *time.Time // nil: it does not end by itself
	// LastUsedAt is written every [UsageEvery]; nil: it was not used yet.
	LastUsedAt *time.Time
	// Permissions narrow the role; nil does not.
	Permissions tenants.Permissions
	// PreviousUntil is how long the secret before the last roll works; nil: there was no roll with an overlap.
	PreviousUntil *time.Time
}

// NewAPIKey is what a key is made from.
type NewAPIKey struct {
	Name      string
	Role      tenants.Role
	Merchant  id.Merchant
	ExpiresAt *time.Time // nil: it does not end by itself
	// Permissions narrow the role; nil does not.
	Permissions tenants.Permissions
}

// CreateKey makes an API key; the secret is shown again only to a repeat with the same idempotency key, which replayed
// tells. It returns invalid_request for an end that is past, role_exceeds_own, role_needs_merchant, merchant_not_found
// permission_missing or idempotency_key_reused.
func (s *Service) CreateKey(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	in NewAPIKey,
) (k APIKey, text secret.String, replayed bool, err error) {
	const operation = "createAPIKey"
	made := tenants.MakeKey(a.Mode, a.Tenant)
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		k = APIKey{
			ID:        id.New[id.APIKey](),
			Name:      in.Name,
			Role:      in.Role,
			Merchant:  in.Merchant,
			Last4:     made.Last4,
			ExpiresAt: in.ExpiresAt,

			Permissions: in.Permissions,
		}
		existing, replay, err := key.Claim(ctx, tx, a, operation, k.ID)
		if err != nil {
			return err
		}
		if replayed = replay; replay {
			plain, err := key.Kept(ctx, tx, s.vault, a, operation)
			if err != nil {
				return err
			}
			text = secret.New(string(plain))
			k, err = readKey(ctx, tx, id.APIKey(existing))
			return err
		}
		if in.ExpiresAt != nil && !s.clock.Now().Before(*in.ExpiresAt) {
			return fault.New(tenants.CodeInvalidRequest, "The key would have ended already.").
				At("/expires_at", "past", "Must be in the future.")
		}
		if err := grant(ctx, tx, a, in.Role, in.Merchant); err != nil {
			return err
		}
		if err := known(in.Permissions); err != nil {
			return err
		}
		if err := covers(a, in.Permissions); err != nil {
			return err
		}
		if err := tenants.Room(ctx, tx, tenants.APIKeys); err != nil {
			return err
		}
		k.CreatedAt, err = q.APIKeyInsert(ctx, tx, dbsqlc.APIKeyInsertParams{
			ID:         k.ID,
			Name:       k.Name,
			Role:       k.Role,
			MerchantID: k.Merchant,
			SecretHash: made.Hash[:],
			Last4:      k.Last4,
			ExpiresAt:  k.ExpiresAt,

			Permissions: k.Permissions.Texts(),
			CreatedBy:   audit.Actor(a).ID,
		})
		if err != nil {
			return fmt.Errorf("insert the API key: %w", err)
		}
		text = made.Secret
		if err := key.Keep(ctx, tx, s.vault, k.ID, []byte(text.Reveal())); err != nil {
			return err
		}
		var changes tenants.Changes
		err = audit.Record(ctx, tx, audit.Actor(a), operation, "api_key", k.ID, "role "+string(k.Role),
			changes.Add("name", "", k.Name).
				Add("role", "", k.Role).
				Add("merchant_id", "", k.Merchant).
				Add("expires_at", nil, k.ExpiresAt).
				Add("permissions", "", k.Permissions.String())...)
		if err != nil {
			return err
		}
		return tellKey(ctx, tx, vocabulary.EventAPIKeyCreated, events.ByActor(a), k, s.clock.Now())
	})
	if err != nil {
		return APIKey{}, secret.String{}, false, err
	}
	return k, text, replayed, nil
}

// ListKeys reads a page of API keys, newest first, the revoked ones among them.
func (s *Service) ListKeys(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.APIKey],
) (out tenants.PageOf[APIKey], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.APIKeyList(ctx, tx, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the API keys: %w", err)
		}
		out = tenants.Cut(
			page,
			rows,
			func(r dbsqlc.APIKeyListRow) string { return r.ID.String() },
			keyOf,
		)
		return nil
	})
	return out, err
}

// RevokeKey ends an API key; ending it again changes nothing. It returns api_key_not_found, role_exceeds_own when the
// key may do more than the actor could give, permission_missing, and last_owner_key.
func (s *Service) RevokeKey(ctx context.Context, a tenants.Actor, key id.APIKey) error {
	var k dbsqlc.APIKeyGetRow
	err := a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) (err error) {
		// Two owners who revoke each other's keys wait for one another here; the second one finds its own the last.
		if err := q.TenantLock(ctx, tx); err != nil {
			return fmt.Errorf("lock the tenant: %w", err)
		}
		k, err = q.APIKeyGet(ctx, tx, key)
		if db.IsNoRows(err) {
			return fault.New(CodeAPIKeyNotFound, "There is no such API key.")
		}
		if err != nil {
			return fmt.Errorf("read the API key: %w", err)
		}
		if err := revocable(ctx, tx, a, k); err != nil {
			return err
		}
		now := s.clock.Now()
		if k.RevokedAt != nil {
			now = *k.RevokedAt
		}
		if err := q.APIKeyRevoke(ctx, tx.Later(), now, key); err != nil {
			return fmt.Errorf("revoke the API key: %w", err)
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), "revokeAPIKey", "api_key", key, "",
			tenants.Changes{}.Add("revoked_at", k.RevokedAt, now)...); err != nil || k.RevokedAt != nil {
			return err
		}
		return tellRevoked(ctx, tx, a, key, now)
	})
	if err == nil {
		s.forget(k)
	}
	return err
}

// revocable tells whether a may revoke the key. It returns role_exceeds_own, permission_missing or last_owner_key.
func revocable(ctx context.Context, tx db.TenantTx, a tenants.Actor, k dbsqlc.APIKeyGetRow) error {
	role := tenants.Role(k.Role)
	if !a.Role.MayGive(role) {
		return fault.New(CodeRoleExceedsOwn, "The role %s cannot revoke a key with the role %s.", a.Role, role)
	}
	if err := covers(a, tenants.ReadPermissions(k.Permissions)); err != nil {
		return err
	}
	return another(ctx, tx, k)
}

// another returns last_owner_key when k is the only owner's key that lasts and may do everything. The tenant is locked.
func another(ctx context.Context, tx db.TenantTx, k dbsqlc.APIKeyGetRow) error {
	if tenants.Role(k.Role) != tenants.RoleOwner || k.RevokedAt != nil || k.ExpiresAt != nil || k.Permissions != nil {
		return nil
	}
	beside, err := q.APIKeyOwnersBeside(ctx, tx, k.ID)
	if err != nil {
		return fmt.Errorf("count the keys of owners: %w", err)
	}
	if beside == 0 {
		return fault.New(CodeLastOwnerKey, "This is the platform's last key with the role owner. Make another one "+
			"first.")
	}
	return nil
}
