package vault

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/secret"
)

// Column is a sealed column, as "table.column". Who seals or opens a value of it takes the place from At.
//
// A new sealed column is declared here and given its line in columns, with two queries in db/queries/sealed_columns.sql
// and a line in SealedVersionList there; TestEverySealedColumnIsRegistered holds this to the catalog.
type Column string

// The sealed columns.
const (
	CardKey               Column = "card_keys.sealed_key"
	WebhookSecret         Column = "webhook_endpoints.sealed_secret"
	WebhookPreviousSecret Column = "webhook_endpoints.sealed_previous_secret"
	ApplicationForm       Column = "applications.sealed_form"
	ApplicationImage      Column = "application_images.sealed_content"
	IdempotencyAnswer     Column = "idempotency_keys.sealed_answer"
	ConnectionPrivateKey  Column = "alipay_connections.sealed_private_key"
	ConnectionToken       Column = "alipay_connections.sealed_app_auth_token"
	BuyerContact          Column = "orders.sealed_buyer_contact"
	MerchantContact       Column = "merchants.sealed_contact"
	MerchantReceiver      Column = "merchants.sealed_receiver"
	ErasedContact         Column = "erasures.sealed_contact"
	PartReceiver          Column = "split_parts.sealed_receiver" // its row is PartRow
	FileKey               Column = "files.sealed_key"
	MemberEmail           Column = "members.sealed_email"
	InvitationEmail       Column = "invitations.sealed_email"
	NoticeAddress         Column = "notice_routes.sealed_address"
	NoticeSecret          Column = "notice_routes.sealed_secret"
	ApprovalParams        Column = "approvals.sealed_params"
)

// Columns are all sealed columns, in the order in which they are sealed anew.
func Columns() []Column {
	all := make([]Column, 0, len(columns()))
	for _, c := range columns() {
		all = append(all, c.Column)
	}
	return all
}

// At is the place of a value of the column: it is bound to its tenant, and to the row that the identifier names.
func (c Column) At(t id.Tenant, row [16]byte) secret.Place {
	table, column, _ := strings.Cut(string(c), ".")
	return secret.Place{Tenant: t.UUID().String(), Table: table, Row: uuid.UUID(row).String(), Column: column}
}

// sealedRow is a value that is to be sealed anew.
type sealedRow struct {
	key    string   // of the row within the tenant: a walk goes in its order
	row    [16]byte // what the value is bound to
	sealed []byte
}

// walked is a column and how it is walked.
type walked struct {
	Column
	page int32 // rows of a transaction
	// next are the first rows after a key whose value another version has sealed, locked; rows that somebody else holds
	// are passed over.
	next func(ctx context.Context, tx db.TenantTx, version int32, after string, page int32) ([]sealedRow, error)
	// set leaves the value that was sealed anew for the commit, with its new fingerprint where the column has one.
	set func(ctx context.Context, tx db.TenantTx, r sealedRow, fingerprint []byte) error
}

const (
	pageOfTexts  = 100
	pageOfImages = 2 // of some megabytes each
)

func columns() []walked {
	return []walked{
		{CardKey, pageOfTexts, byID(q.SealedCardKeyList),
			func(ctx context.Context, tx db.TenantTx, r sealedRow, fingerprint []byte) error {
				return q.SealedCardKeySet(ctx, tx.Later(), r.sealed, fingerprint, r.row)
			}},
		{WebhookSecret, pageOfTexts, byID(q.SealedWebhookSecretList), setByID(q.SealedWebhookSecretSet)},
		{WebhookPreviousSecret, pageOfTexts, byID(q.SealedWebhookPreviousSecretList),
			setByID(q.SealedWebhookPreviousSecretSet)},
		{ApplicationForm, pageOfTexts, byID(q.SealedFormList), setByID(q.SealedFormSet)},
		{ApplicationImage, pageOfImages, byID(q.SealedImageList), setByID(q.SealedImageSet)},
		{IdempotencyAnswer, pageOfTexts, answers,
			func(ctx context.Context, tx db.TenantTx, r sealedRow, _ []byte) error {
				return q.SealedAnswerSet(ctx, tx.Later(), r.sealed, r.key)
			}},
		{ConnectionPrivateKey, pageOfTexts, byID(q.SealedPrivateKeyList), setOne(q.SealedPrivateKeySet)},
		{ConnectionToken, pageOfTexts, byID(q.SealedAppAuthTokenList), setOne(q.SealedAppAuthTokenSet)},
		{BuyerContact, pageOfTexts, byID(q.SealedBuyerContactList), setByID(q.SealedBuyerContactSet)},
		{MerchantContact, pageOfTexts, byID(q.SealedMerchantContactList), setByID(q.SealedMerchantContactSet)},
		{MerchantReceiver, pageOfTexts, byID(q.SealedMerchantReceiverList), setByID(q.SealedMerchantReceiverSet)},
		{ErasedContact, pageOfTexts, byID(q.SealedErasedContactList), setByID(q.SealedErasedContactSet)},
		{PartReceiver, pageOfTexts, parts,
			func(ctx context.Context, tx db.TenantTx, r sealedRow, _ []byte) error {
				split, position, err := partOf(r.key)
				if err != nil {
					return err
				}
				return q.SealedPartReceiverSet(ctx, tx.Later(), r.sealed, uuid.UUID(split), position)
			}},
		{FileKey, pageOfTexts, byID(q.SealedFileKeyList), setByID(q.SealedFileKeySet)},
		{MemberEmail, pageOfTexts, byID(q.SealedMemberEmailList), setByID(q.SealedMemberEmailSet)},
		{InvitationEmail, pageOfTexts, byID(q.SealedInvitationEmailList), setByID(q.SealedInvitationEmailSet)},
		{NoticeAddress, pageOfTexts, byID(q.SealedNoticeAddressList), setByID(q.SealedNoticeAddressSet)},
		{NoticeSecret, pageOfTexts, byID(q.SealedNoticeSecretList), setByID(q.SealedNoticeSecretSet)},
		{ApprovalParams, pageOfTexts, byID(q.SealedApprovalParamsList), setByID(q.SealedApprovalParamsSet)},
	}
}

// listed is what the queries of rows with an identifier give.
type listed = struct {
	Key    uuid.UUID
	Row    uuid.UUID
	Sealed []byte
}

func byID[R ~listed](
	list func(ctx context.Context, tx dbsqlc.DBTX, after uuid.UUID, version, page int32) ([]R, error),
) func(context.Context, db.TenantTx, int32, string, int32) ([]sealedRow, error) {
	return func(ctx context.Context, tx db.TenantTx, version int32, after string, page int32) ([]sealedRow, error) {
		var from uuid.UUID
		if after != "" {
			var err error
			if from, err = uuid.Parse(after); err != nil {
				return nil, err
			}
		}
		rows, err := list(ctx, tx, from, version, page)
		if err != nil {
			return nil, err
		}
		out := make([]sealedRow, len(rows))
		for i, r := range rows {
			l := listed(r)
			out[i] = sealedRow{key: l.Key.String(), row: l.Row, sealed: l.Sealed}
		}
		return out, nil
	}
}

func answers(ctx context.Context, tx db.TenantTx, version int32, after string, page int32) ([]sealedRow, error) {
	rows, err := q.SealedAnswerList(ctx, tx, after, version, page)
	if err != nil {
		return nil, err
	}
	out := make([]sealedRow, len(rows))
	for i, r := range rows {
		out[i] = sealedRow{key: r.Key, row: r.Row, sealed: r.Sealed}
	}
	return out, nil
}

// parts are rows whose key is "split/position".
func parts(ctx context.Context, tx db.TenantTx, version int32, after string, page int32) ([]sealedRow, error) {
	split, position, err := partOf(after)
	if err != nil {
		return nil, err
	}
	rows, err := q.SealedPartReceiverList(ctx, tx, dbsqlc.SealedPartReceiverListParams{
		AfterSplit: uuid.UUID(split), AfterPosition: position, Version: version, PageSize: page,
	})
	if err != nil {
		return nil, err
	}
	out := make([]sealedRow, len(rows))
	for i, r := range rows {
		out[i] = sealedRow{key: fmt.Sprintf("%s/%d", r.SplitID.UUID(), r.Position), row: PartRow(r.SplitID, r.Position),
			sealed: r.Sealed}
	}
	return out, nil
}

// partOf reads the key of a part; empty is before the first.
func partOf(key string) (split id.Split, position int16, err error) {
	if key == "" {
		return split, 0, nil
	}
	text, number, _ := strings.Cut(key, "/")
	u, err := uuid.Parse(text)
	if err != nil {
		return split, 0, err
	}
	n, err := strconv.ParseInt(number, 10, 16)
	return id.Split(u), int16(n), err
}

func setByID(
	set func(ctx context.Context, tx dbsqlc.DBTX, sealed []byte, row uuid.UUID) error,
) func(context.Context, db.TenantTx, sealedRow, []byte) error {
	return func(ctx context.Context, tx db.TenantTx, r sealedRow, _ []byte) error {
		return set(ctx, tx.Later(), r.sealed, r.row)
	}
}

// setOne is for a table with one row a tenant.
func setOne(
	set func(ctx context.Context, tx dbsqlc.DBTX, sealed []byte) error,
) func(context.Context, db.TenantTx, sealedRow, []byte) error {
	return func(ctx context.Context, tx db.TenantTx, r sealedRow, _ []byte) error {
		return set(ctx, tx.Later(), r.sealed)
	}
}
