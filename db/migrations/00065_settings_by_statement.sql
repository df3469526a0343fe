-- +goose Up
-- How a transaction plans is said by statements of its own kind, so that the application's role needs no set_config,
-- with which one injected SELECT would change whose rows it sees (docs/decisions/0050).
-- +goose StatementBegin
CREATE FUNCTION app.plan_anew() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL plan_cache_mode = force_custom_plan;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION app.plan_once() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL plan_cache_mode = force_generic_plan;
    SET LOCAL max_parallel_workers_per_gather = 0;
END $$;
-- +goose StatementEnd
-- What runs a text that it is given is the owner's alone.
REVOKE EXECUTE ON FUNCTION app.protect(regclass, text), app.narrow(regclass, text) FROM PUBLIC;

-- +goose Down
GRANT EXECUTE ON FUNCTION app.protect(regclass, text), app.narrow(regclass, text) TO PUBLIC;
DROP FUNCTION app.plan_once(), app.plan_anew();
