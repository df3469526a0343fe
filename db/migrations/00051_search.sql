-- +goose Up
-- What search looks for by a number at the acquirer.
CREATE INDEX refunds_outside_number ON refunds (tenant_id, outside_no) WHERE outside_no <> '';
CREATE INDEX splits_settle_no ON splits (tenant_id, settle_no) WHERE settle_no <> '';
CREATE INDEX splits_request_no ON splits (tenant_id, request_no) WHERE request_no <> '';

-- +goose Down
DROP INDEX splits_request_no, splits_settle_no, refunds_outside_number;
