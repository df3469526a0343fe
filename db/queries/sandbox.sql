-- name: SandboxConnection :one
-- The tenant's mode and its gateway; no gateway without a connection.
SELECT
    t.mode,
    COALESCE(c.gateway_url, '') AS gateway_url,
    COALESCE(c.app_id, '') AS app_id
FROM tenants t
LEFT JOIN alipay_connections c
  ON c.tenant_id = app.tenant_id()
WHERE t.tenant_id = app.tenant_id();

-- name: SandboxPayment :one
SELECT
    id,
    app_id
FROM payments
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id;
