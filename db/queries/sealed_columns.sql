-- What package vault walks to seal anew: of each sealed column the values of another version than the given one, in the
-- order of the rows' keys, and the writing of one. A row that somebody has locked is passed over, and found by the next
-- walk; so a walk waits for nobody, and ends nobody in a deadlock.

-- name: SealedCardKeyList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_key AS sealed
FROM card_keys
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_key) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedCardKeySet :exec
UPDATE card_keys SET
    sealed_key = sqlc.arg(sealed)::bytea,
    fingerprint = sqlc.arg(digest)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedWebhookSecretList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_secret AS sealed
FROM webhook_endpoints
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_secret) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedWebhookSecretSet :exec
UPDATE webhook_endpoints SET
    sealed_secret = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedWebhookPreviousSecretList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_previous_secret AS sealed
FROM webhook_endpoints
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_previous_secret) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedWebhookPreviousSecretSet :exec
UPDATE webhook_endpoints SET
    sealed_previous_secret = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedFormList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_form AS sealed
FROM applications
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_form) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedFormSet :exec
UPDATE applications SET
    sealed_form = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedImageList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_content AS sealed
FROM application_images
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_content) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedImageSet :exec
UPDATE application_images SET
    sealed_content = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedAnswerList :many
SELECT
    key::text AS key,
    resource_id::uuid AS row,
    sealed_answer AS sealed
FROM idempotency_keys
WHERE tenant_id = app.tenant_id()
  AND key > sqlc.arg(after)::text
  AND app.sealed_version(sealed_answer) <> sqlc.arg(version)::int
ORDER BY key
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedAnswerSet :exec
UPDATE idempotency_keys SET
    sealed_answer = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND key = sqlc.arg(key)::text;

-- name: SealedPrivateKeyList :many
SELECT
    tenant_id::uuid AS key,
    tenant_id::uuid AS row,
    sealed_private_key AS sealed
FROM alipay_connections
WHERE tenant_id = app.tenant_id()
  AND tenant_id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_private_key) <> sqlc.arg(version)::int
ORDER BY tenant_id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedPrivateKeySet :exec
UPDATE alipay_connections SET
    sealed_private_key = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id();

-- name: SealedAppAuthTokenList :many
SELECT
    tenant_id::uuid AS key,
    tenant_id::uuid AS row,
    sealed_app_auth_token AS sealed
FROM alipay_connections
WHERE tenant_id = app.tenant_id()
  AND tenant_id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_app_auth_token) <> sqlc.arg(version)::int
ORDER BY tenant_id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedAppAuthTokenSet :exec
UPDATE alipay_connections SET
    sealed_app_auth_token = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id();

-- name: SealedBuyerContactList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_buyer_contact AS sealed
FROM orders
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_buyer_contact) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedBuyerContactSet :exec
UPDATE orders SET
    sealed_buyer_contact = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedMerchantContactList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_contact AS sealed
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_contact) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedMerchantContactSet :exec
UPDATE merchants SET
    sealed_contact = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedMerchantReceiverList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_receiver AS sealed
FROM merchants
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_receiver) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedMerchantReceiverSet :exec
UPDATE merchants SET
    sealed_receiver = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedPartReceiverList :many
SELECT
    split_id,
    position,
    sealed_receiver AS sealed
FROM split_parts
WHERE tenant_id = app.tenant_id()
  AND (split_id, position) > (sqlc.arg(after_split)::uuid, sqlc.arg(after_position)::smallint)
  AND app.sealed_version(sealed_receiver) <> sqlc.arg(version)::int
ORDER BY split_id, position
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedPartReceiverSet :exec
UPDATE split_parts SET
    sealed_receiver = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND split_id = sqlc.arg(split_id)::uuid
  AND position = sqlc.arg(position)::smallint;

-- name: SealedFileKeyList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_key AS sealed
FROM files
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_key) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedFileKeySet :exec
UPDATE files SET
    sealed_key = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedApprovalParamsList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_params AS sealed
FROM approvals
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_params) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedApprovalParamsSet :exec
UPDATE approvals SET
    sealed_params = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedErasedContactList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_contact AS sealed
FROM erasures
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_contact) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedErasedContactSet :exec
UPDATE erasures SET
    sealed_contact = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedMemberEmailList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_email AS sealed
FROM members
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_email) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedMemberEmailSet :exec
UPDATE members SET
    sealed_email = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedInvitationEmailList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_email AS sealed
FROM invitations
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_email) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedInvitationEmailSet :exec
UPDATE invitations SET
    sealed_email = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedVersionList :many
-- How many values of each sealed column which version of the data key sealed. It reads every row of the tenant's.
SELECT
    'card_keys.sealed_key'::text AS place,
    app.sealed_version(sealed_key)::int AS version,
    count(*) AS values
FROM card_keys
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_key) IS NOT NULL
GROUP BY app.sealed_version(sealed_key)
UNION ALL
SELECT
    'webhook_endpoints.sealed_secret'::text,
    app.sealed_version(sealed_secret)::int,
    count(*)
FROM webhook_endpoints
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_secret) IS NOT NULL
GROUP BY app.sealed_version(sealed_secret)
UNION ALL
SELECT
    'webhook_endpoints.sealed_previous_secret'::text,
    app.sealed_version(sealed_previous_secret)::int,
    count(*)
FROM webhook_endpoints
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_previous_secret) IS NOT NULL
GROUP BY app.sealed_version(sealed_previous_secret)
UNION ALL
SELECT
    'applications.sealed_form'::text,
    app.sealed_version(sealed_form)::int,
    count(*)
FROM applications
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_form) IS NOT NULL
GROUP BY app.sealed_version(sealed_form)
UNION ALL
SELECT
    'application_images.sealed_content'::text,
    app.sealed_version(sealed_content)::int,
    count(*)
FROM application_images
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_content) IS NOT NULL
GROUP BY app.sealed_version(sealed_content)
UNION ALL
SELECT
    'idempotency_keys.sealed_answer'::text,
    app.sealed_version(sealed_answer)::int,
    count(*)
FROM idempotency_keys
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_answer) IS NOT NULL
GROUP BY app.sealed_version(sealed_answer)
UNION ALL
SELECT
    'alipay_connections.sealed_private_key'::text,
    app.sealed_version(sealed_private_key)::int,
    count(*)
FROM alipay_connections
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_private_key) IS NOT NULL
GROUP BY app.sealed_version(sealed_private_key)
UNION ALL
SELECT
    'alipay_connections.sealed_app_auth_token'::text,
    app.sealed_version(sealed_app_auth_token)::int,
    count(*)
FROM alipay_connections
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_app_auth_token) IS NOT NULL
GROUP BY app.sealed_version(sealed_app_auth_token)
UNION ALL
SELECT
    'orders.sealed_buyer_contact'::text,
    app.sealed_version(sealed_buyer_contact)::int,
    count(*)
FROM orders
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_buyer_contact) IS NOT NULL
GROUP BY app.sealed_version(sealed_buyer_contact)
UNION ALL
SELECT
    'merchants.sealed_contact'::text,
    app.sealed_version(sealed_contact)::int,
    count(*)
FROM merchants
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_contact) IS NOT NULL
GROUP BY app.sealed_version(sealed_contact)
UNION ALL
SELECT
    'merchants.sealed_receiver'::text,
    app.sealed_version(sealed_receiver)::int,
    count(*)
FROM merchants
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_receiver) IS NOT NULL
GROUP BY app.sealed_version(sealed_receiver)
UNION ALL
SELECT
    'members.sealed_email'::text,
    app.sealed_version(sealed_email)::int,
    count(*)
FROM members
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_email) IS NOT NULL
GROUP BY app.sealed_version(sealed_email)
UNION ALL
SELECT
    'invitations.sealed_email'::text,
    app.sealed_version(sealed_email)::int,
    count(*)
FROM invitations
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_email) IS NOT NULL
GROUP BY app.sealed_version(sealed_email)
UNION ALL
SELECT
    'split_parts.sealed_receiver'::text,
    app.sealed_version(sealed_receiver)::int,
    count(*)
FROM split_parts
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_receiver) IS NOT NULL
GROUP BY app.sealed_version(sealed_receiver)
UNION ALL
SELECT
    'erasures.sealed_contact'::text,
    app.sealed_version(sealed_contact)::int,
    count(*)
FROM erasures
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_contact) IS NOT NULL
GROUP BY app.sealed_version(sealed_contact)
UNION ALL
SELECT
    'files.sealed_key'::text,
    app.sealed_version(sealed_key)::int,
    count(*)
FROM files
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_key) IS NOT NULL
GROUP BY app.sealed_version(sealed_key)
UNION ALL
SELECT
    'notice_routes.sealed_address'::text,
    app.sealed_version(sealed_address)::int,
    count(*)
FROM notice_routes
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_address) IS NOT NULL
GROUP BY app.sealed_version(sealed_address)
UNION ALL
SELECT
    'notice_routes.sealed_secret'::text,
    app.sealed_version(sealed_secret)::int,
    count(*)
FROM notice_routes
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_secret) IS NOT NULL
GROUP BY app.sealed_version(sealed_secret)
UNION ALL
SELECT
    'approvals.sealed_params'::text,
    app.sealed_version(sealed_params)::int,
    count(*)
FROM approvals
WHERE tenant_id = app.tenant_id() AND app.sealed_version(sealed_params) IS NOT NULL
GROUP BY app.sealed_version(sealed_params)
ORDER BY place, version;

-- name: SealedNoticeAddressList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_address AS sealed
FROM notice_routes
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_address) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedNoticeAddressSet :exec
UPDATE notice_routes SET
    sealed_address = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;

-- name: SealedNoticeSecretList :many
SELECT
    id::uuid AS key,
    id::uuid AS row,
    sealed_secret AS sealed
FROM notice_routes
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND app.sealed_version(sealed_secret) <> sqlc.arg(version)::int
ORDER BY id
LIMIT sqlc.arg(page_size)
FOR NO KEY UPDATE SKIP LOCKED;

-- name: SealedNoticeSecretSet :exec
UPDATE notice_routes SET
    sealed_secret = sqlc.arg(sealed)::bytea
WHERE tenant_id = app.tenant_id()
  AND id = sqlc.arg(key)::uuid;
