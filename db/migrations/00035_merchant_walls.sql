-- +goose Up
-- The wall between merchants stands on every table that has something of a merchant (decision 0022). A policy cannot
-- look at another table (docs/scaling.md, rule S2), so a row carries whose it is; what no merchant ever reads is hidden
-- by a condition without a column, which Postgres evaluates once per statement.
ALTER TABLE application_images ADD COLUMN merchant_id uuid;
ALTER TABLE card_key_imports ADD COLUMN supplier_id uuid;
ALTER TABLE card_keys ADD COLUMN supplier_id uuid;
ALTER TABLE order_items ADD COLUMN merchant_of_record_id uuid;
ALTER TABLE payments ADD COLUMN merchant_of_record_id uuid;
ALTER TABLE settlements ADD COLUMN merchant_of_record_id uuid;
ALTER TABLE splits ADD COLUMN merchant_of_record_id uuid;
ALTER TABLE splits ADD COLUMN receiver_ids uuid[] NOT NULL DEFAULT '{}'; -- the merchants that have a part
ALTER TABLE split_parts ADD COLUMN merchant_of_record_id uuid;
ALTER TABLE refunds ADD COLUMN merchant_of_record_id uuid;
ALTER TABLE audit_log ADD COLUMN merchant_id uuid DEFAULT app.merchant_id(); -- by whose call; null: not a merchant's

-- What is there already gets its merchant, tenant by tenant.
-- +goose StatementBegin
DO $$
DECLARE t uuid;
BEGIN
    FOR t IN SELECT tenant_id FROM tenant_directory LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        UPDATE application_images i SET merchant_id = a.merchant_id
        FROM applications a
        WHERE i.tenant_id = t AND a.tenant_id = t AND a.id = i.application_id;
        UPDATE card_key_imports i SET supplier_id = p.supplier_id
        FROM products p
        WHERE i.tenant_id = t AND p.tenant_id = t AND p.id = i.product_id;
        UPDATE card_keys k SET supplier_id = p.supplier_id
        FROM products p
        WHERE k.tenant_id = t AND p.tenant_id = t AND p.id = k.product_id;
        UPDATE order_items i SET merchant_of_record_id = o.merchant_of_record_id
        FROM orders o
        WHERE i.tenant_id = t AND o.tenant_id = t AND o.id = i.order_id;
        UPDATE payments p SET merchant_of_record_id = o.merchant_of_record_id
        FROM orders o
        WHERE p.tenant_id = t AND o.tenant_id = t AND o.id = p.order_id;
        UPDATE settlements s SET merchant_of_record_id = o.merchant_of_record_id
        FROM orders o
        WHERE s.tenant_id = t AND o.tenant_id = t AND o.id = s.order_id;
        UPDATE splits s SET
            merchant_of_record_id = o.merchant_of_record_id,
            receiver_ids = ARRAY(
                SELECT DISTINCT x.merchant_id
                FROM split_parts x
                WHERE x.tenant_id = t AND x.split_id = s.id AND x.merchant_id IS NOT NULL)
        FROM orders o
        WHERE s.tenant_id = t AND o.tenant_id = t AND o.id = s.order_id;
        UPDATE split_parts x SET merchant_of_record_id = s.merchant_of_record_id
        FROM splits s
        WHERE x.tenant_id = t AND s.tenant_id = t AND s.id = x.split_id;
        UPDATE refunds r SET merchant_of_record_id = o.merchant_of_record_id
        FROM orders o
        WHERE r.tenant_id = t AND o.tenant_id = t AND o.id = r.order_id;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END $$;
-- +goose StatementEnd

-- Counting stock and choosing free keys read this index alone; the policy's column is in it for that.
DROP INDEX card_keys_status;
CREATE INDEX card_keys_status ON card_keys (
    tenant_id,
    product_id,
    status,
    id
) INCLUDE (supplier_id);
CREATE INDEX split_parts_merchant ON split_parts (tenant_id, merchant_id, split_id) WHERE merchant_id IS NOT NULL;

-- Whether the transaction is of the whole tenant. Written so that Postgres, which cannot know the setting when it plans,
-- expects that it is: of IS NULL it expects the contrary, and takes every walled table for 200 times smaller than it is.
-- +goose StatementBegin
CREATE FUNCTION app.whole_tenant() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT least(length(coalesce(current_setting('app.merchant_id', true), '')), 1) <> 1 $$;
-- +goose StatementEnd

-- narrow gives a table the wall between merchants: the condition under which a caller that is one merchant sees a row.
-- It calls app.merchant_id() plainly.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION app.narrow(t regclass, condition text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    whole text := format('tenant_id = app.tenant_id() AND (app.whole_tenant() OR (%s))', condition);
BEGIN
    EXECUTE format('ALTER POLICY tenant ON %s USING (%s) WITH CHECK (%s)', t, whole, whole);
END $$;
-- +goose StatementEnd

SELECT app.narrow('merchants', 'id = app.merchant_id()');
SELECT app.narrow('members', 'merchant_id = app.merchant_id()');
SELECT app.narrow('api_keys', 'merchant_id = app.merchant_id()');
SELECT app.narrow('applications', 'merchant_id = app.merchant_id()');
SELECT app.narrow('products', 'supplier_id = app.merchant_id() OR merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('orders', 'merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('ledger_postings', 'from_merchant_id = app.merchant_id() OR to_merchant_id = app.merchant_id()');
SELECT app.narrow('application_images', 'merchant_id = app.merchant_id()');
SELECT app.narrow('card_key_imports', 'supplier_id = app.merchant_id()');
SELECT app.narrow('card_keys', 'supplier_id = app.merchant_id()');
SELECT app.narrow('order_items', 'merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('payments', 'merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('settlements', 'merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('splits', 'merchant_of_record_id = app.merchant_id() OR app.merchant_id() = ANY (receiver_ids)');
SELECT app.narrow('split_parts', 'merchant_id = app.merchant_id() OR merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('refunds', 'merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('audit_log', 'merchant_id = app.merchant_id()');
SELECT app.narrow('alipay_connections', 'false');
SELECT app.narrow('book_looks', 'false');
SELECT app.narrow('split_rules', 'false');
SELECT app.narrow('split_rule_versions', 'false');
SELECT app.narrow('split_rule_parts', 'false');
SELECT app.narrow('notifications', 'false');
SELECT app.narrow('cases', 'false');
SELECT app.narrow('refund_parts', 'false');
SELECT app.narrow('order_reviews', 'false');
SELECT app.narrow('reconciliations', 'false');
SELECT app.narrow('events', 'false');
SELECT app.narrow('webhook_endpoints', 'false');
SELECT app.narrow('webhook_attempts', 'false');

-- +goose Down
-- +goose StatementBegin
DO $$
DECLARE t regclass;
BEGIN
    FOREACH t IN ARRAY ARRAY['application_images', 'card_key_imports', 'card_keys', 'order_items', 'payments',
        'settlements', 'splits', 'split_parts', 'refunds', 'audit_log', 'alipay_connections', 'book_looks',
        'split_rules', 'split_rule_versions', 'split_rule_parts', 'notifications', 'cases', 'refund_parts', 'reconciliations',
        'order_reviews', 'events', 'webhook_endpoints', 'webhook_attempts']::regclass[] LOOP
        EXECUTE format(
            'ALTER POLICY tenant ON %s USING (tenant_id = app.tenant_id()) WITH CHECK (tenant_id = app.tenant_id())',
            t);
    END LOOP;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION app.narrow(t regclass, condition text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    whole text := format('tenant_id = app.tenant_id() AND (app.merchant_id() IS NULL OR (%s))', condition);
BEGIN
    EXECUTE format('ALTER POLICY tenant ON %s USING (%s) WITH CHECK (%s)', t, whole, whole);
END $$;
-- +goose StatementEnd
SELECT app.narrow('merchants', 'id = app.merchant_id()');
SELECT app.narrow('members', 'merchant_id = app.merchant_id()');
SELECT app.narrow('api_keys', 'merchant_id = app.merchant_id()');
SELECT app.narrow('applications', 'merchant_id = app.merchant_id()');
SELECT app.narrow('products', 'supplier_id = app.merchant_id() OR merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('orders', 'merchant_of_record_id = app.merchant_id()');
SELECT app.narrow('ledger_postings', 'from_merchant_id = app.merchant_id() OR to_merchant_id = app.merchant_id()');
DROP FUNCTION app.whole_tenant();
DROP INDEX split_parts_merchant, card_keys_status;
CREATE INDEX card_keys_status ON card_keys (
    tenant_id,
    product_id,
    status,
    id
);
ALTER TABLE audit_log DROP COLUMN merchant_id;
ALTER TABLE refunds DROP COLUMN merchant_of_record_id;
ALTER TABLE split_parts DROP COLUMN merchant_of_record_id;
ALTER TABLE splits DROP COLUMN receiver_ids;
ALTER TABLE splits DROP COLUMN merchant_of_record_id;
ALTER TABLE settlements DROP COLUMN merchant_of_record_id;
ALTER TABLE payments DROP COLUMN merchant_of_record_id;
ALTER TABLE order_items DROP COLUMN merchant_of_record_id;
ALTER TABLE card_keys DROP COLUMN supplier_id;
ALTER TABLE card_key_imports DROP COLUMN supplier_id;
ALTER TABLE application_images DROP COLUMN merchant_id;
