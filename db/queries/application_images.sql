-- A new picture for the same purpose takes the place of the old one and has not been uploaded yet.
-- name: ApplicationImagePut :exec
INSERT INTO application_images (
    tenant_id,
    id,
    application_id,
    merchant_id,
    purpose,
    content_type,
    sha256,
    sealed_content,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @application_id,
    @merchant_id,
    @purpose,
    @content_type,
    @sha256,
    @sealed_content,
    @created_at
)
ON CONFLICT (tenant_id, application_id, purpose) DO UPDATE SET
    id = EXCLUDED.id,
    content_type = EXCLUDED.content_type,
    sha256 = EXCLUDED.sha256,
    sealed_content = EXCLUDED.sealed_content,
    alipay_image_id = NULL,
    created_at = EXCLUDED.created_at;

-- Without their content.
-- name: ApplicationImageList :many
SELECT
    id,
    application_id,
    purpose,
    content_type,
    sha256,
    alipay_image_id
FROM application_images
WHERE tenant_id = app.tenant_id()
  AND application_id = ANY(@application_ids::uuid[])
ORDER BY application_id, purpose;

-- name: ApplicationImageContent :one
SELECT sealed_content
FROM application_images
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- name: ApplicationImageUploaded :execrows
UPDATE application_images SET
    alipay_image_id = @alipay_image_id
WHERE tenant_id = app.tenant_id()
  AND id = @id;

-- Of applications that were decided before the given time.
-- name: ApplicationImageForget :execrows
DELETE FROM application_images i
USING applications a
WHERE i.tenant_id = app.tenant_id()
  AND a.tenant_id = app.tenant_id()
  AND a.id = i.application_id
  AND a.status IN ('approved', 'rejected')
  AND a.decided_at < @before;

-- name: ApplicationImageDelete :exec
DELETE FROM application_images
WHERE tenant_id = app.tenant_id()
  AND application_id = @application_id;

-- name: ApplicationImageGet :one
SELECT
    id,
    content_type,
    sealed_content
FROM application_images
WHERE tenant_id = app.tenant_id()
  AND application_id = @application_id
  AND purpose = @purpose;

-- name: ApplicationImageRemove :execrows
DELETE FROM application_images
WHERE tenant_id = app.tenant_id()
  AND application_id = @application_id
  AND purpose = @purpose;
