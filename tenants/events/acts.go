package events

import (
	"context"
	"time"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// By is who did what an event tells of, as the audit log names them. It is part of the data of every event that
// concerns who may do what.
type By struct {
	ActorKind vocabulary.ActorKind `json:"actor_kind"`
	ActorID   string               `json:"actor_id"`
}

// ByActor is who calls.
func ByActor(a tenants.Actor) By {
	kind, text := a.Caller.AuditActor()
	return By{kind, text}
}

// BySystem is the program itself.
func BySystem(what string) By { return By{vocabulary.ActorSystem, what} }

// connection is the data of alipay_connection.updated.
type connection struct {
	By
	AppID   string `json:"app_id"`
	PID     string `json:"pid"`
	Version int64  `json:"version"`
}

// ConnectionUpdated tells that a tenant's connection to Alipay was replaced. The connection is locked. Atomic.
func ConnectionUpdated(ctx context.Context, tx db.TenantTx, a tenants.Actor, c tenants.Connection, at time.Time) error {
	return OfTenant(ctx, tx, vocabulary.EventAlipayConnectionUpdated, connection{ByActor(a), c.AppID, c.PID, c.Version},
		at)
}

// dataKey is the data of data_key.exchanged.
type dataKey struct {
	By
	Version int `json:"version"`
}

// DataKeyExchanged tells that everything is sealed with another version of the tenant's data key. Atomic.
func DataKeyExchanged(ctx context.Context, tx db.TenantTx, by By, version int, at time.Time) error {
	return OfTenant(ctx, tx, vocabulary.EventDataKeyExchanged, dataKey{by, version}, at)
}

// OfTenant is Emit of an event about the tenant itself, which it locks: two of them at once come one after the other.
func OfTenant(ctx context.Context, tx db.TenantTx, kind vocabulary.EventType, data any, at time.Time) error {
	if err := q.TenantLock(ctx, tx); err != nil {
		return err
	}
	return Emit(ctx, tx, Event{Type: kind, SubjectType: vocabulary.SubjectTenant, SubjectID: tx.Tenant(), Data: data,
		At: at})
}

// secretRotated is the data of webhook_endpoint.secret_rotated.
type secretRotated struct {
	By
	EndpointID    id.WebhookEndpoint `json:"endpoint_id"`
	PreviousUntil *clock.Stamp       `json:"previous_secret_until,omitempty"`
}

// SecretRotated tells that an endpoint has a new secret. The endpoint is locked. Atomic.
func SecretRotated(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	endpoint id.WebhookEndpoint,
	previousUntil *time.Time,
	at time.Time,
) error {
	return Emit(ctx, tx, Event{Type: vocabulary.EventWebhookSecretRotated,
		SubjectType: vocabulary.SubjectWebhookEndpoint, SubjectID: endpoint,
		Data: secretRotated{ByActor(a), endpoint, clock.StampOf(previousUntil)}, At: at})
}
