-- +goose Up
CREATE INDEX audit_log_actor ON audit_log (tenant_id, actor_id, id);
CREATE INDEX audit_log_subject ON audit_log (tenant_id, subject_id, id);

-- +goose Down
DROP INDEX audit_log_subject, audit_log_actor;
