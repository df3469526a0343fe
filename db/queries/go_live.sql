-- name: GoLiveFacts :one
-- What a platform has of that which it needs before it earns.
SELECT
    t.mode,
    t.twin_id,
    (c.tenant_id IS NOT NULL)::boolean AS connected,
    c.checked_at,
    coalesce(c.check_errors, 0)::integer AS check_errors,
    EXISTS (
        SELECT 1
        FROM merchants m
        WHERE m.tenant_id = app.tenant_id()
          AND m.status = 'active'
    ) AS merchant_active,
    EXISTS (
        SELECT 1
        FROM products p
        WHERE p.tenant_id = app.tenant_id()
          AND p.status = 'active'
    ) AS product_on_sale,
    EXISTS (
        SELECT 1
        FROM webhook_endpoints w
        WHERE w.tenant_id = app.tenant_id()
          AND w.status = 'enabled'
          AND w.deleted_at IS NULL
          AND w.failing_since IS NULL
    ) AS endpoint_enabled,
    (
        SELECT count(*)
        FROM (
            SELECT 1
            FROM members p
            WHERE p.tenant_id = app.tenant_id()
              AND p.person_id IS NOT NULL
              AND p.role IN ('owner', 'admin')
            LIMIT 2
        ) few
    )::integer AS people,
    EXISTS (
        SELECT 1
        FROM orders o
        WHERE o.tenant_id = app.tenant_id()
          AND o.status = 'delivered'
    ) AS order_delivered
FROM tenants t
LEFT JOIN alipay_connections c
  ON c.tenant_id = app.tenant_id()
WHERE t.tenant_id = app.tenant_id();
