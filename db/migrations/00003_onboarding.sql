-- +goose Up
CREATE TABLE applications (
    tenant_id      uuid NOT NULL DEFAULT app.tenant_id(),
    id             uuid NOT NULL, -- its hex form is the external_id sent to Alipay
    merchant_id    uuid NOT NULL,
    status         text NOT NULL CHECK (status IN ('draft', 'submitted', 'in_review', 'awaiting_signature', 'approved', 'rejected')),
    sealed_form    bytea NOT NULL, -- the form as JSON: it holds identity numbers
    alipay_order_id text,
    fk_audit       text NOT NULL DEFAULT '',
    fk_memo        text NOT NULL DEFAULT '', -- the reviewers' remarks
    kz_audit       text NOT NULL DEFAULT '',
    kz_memo        text NOT NULL DEFAULT '',
    sub_confirm    text NOT NULL DEFAULT '',
    reason         text NOT NULL DEFAULT '', -- why Alipay said no, in Alipay's words
    smid           text,
    card_alias_no  text,
    sign_url       text NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL DEFAULT now(),
    submitted_at   timestamptz,
    create_started_at timestamptz, -- one worker at a time sends it to Alipay; set before the call, so that whoever comes after a crash asks first
    decided_at     timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, merchant_id) REFERENCES merchants,
    CHECK (status NOT IN ('in_review', 'awaiting_signature', 'approved') OR alipay_order_id IS NOT NULL),
    CHECK (status <> 'approved' OR smid IS NOT NULL)
);
CREATE UNIQUE INDEX applications_one_open ON applications (tenant_id, merchant_id) WHERE status NOT IN ('approved', 'rejected');
CREATE INDEX applications_merchant ON applications (tenant_id, merchant_id, id);
SELECT app.protect('applications', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('applications', 'merchant_id = (SELECT app.merchant_id())');

CREATE TABLE application_images (
    tenant_id       uuid NOT NULL DEFAULT app.tenant_id(),
    id              uuid NOT NULL,
    application_id  uuid NOT NULL,
    purpose         text NOT NULL, -- the form's field that the image is for, for example cert_image
    content_type    text NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png')),
    sha256          bytea NOT NULL CHECK (length(sha256) = 32),
    sealed_content  bytea NOT NULL,
    alipay_image_id text, -- set as each upload succeeds: a recovery point
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, application_id, purpose),
    FOREIGN KEY (tenant_id, application_id) REFERENCES applications
);
SELECT app.protect('application_images', 'SELECT, INSERT, UPDATE, DELETE');

-- +goose Down
DROP TABLE application_images, applications;
