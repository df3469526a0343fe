-- name: ListPlanAnew :exec
-- From here on the statements of this transaction are planned for their own arguments.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);
