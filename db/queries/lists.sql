-- name: ListPlanAnew :exec
-- From here on the statements of this transaction are planned for their own arguments.
SELECT app.plan_anew();
