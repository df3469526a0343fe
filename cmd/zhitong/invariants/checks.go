package invariants

// The checks of one tenant.
func tenantChecks() []check {
	return []check{
		{"I2", "delivered_twice", deliveredTwice},
		{"I2", "delivered_count", deliveredCount},
		{"I3", "paid_undelivered", paidUndelivered},
		{"I3", "review_without_case", reviewWithoutCase},
		{"I4", "unpaid_delivery", unpaidDelivery},
		{"I4", "unbooked_payment", unbookedPayment},
		{"I5", "merchant_wall", merchantWall},
		{"I6", "settlement_book", settlementBook},
		{"I6", "split_book", splitBook},
		{"I6", "figures_book", figuresBook},
		{"I7", "one_event", oneEvent},
		{"I7", "event_delivered", eventDelivered},
		{"I8", "refund_sum", refundSum},
		{"I8", "part_sum", partSum},
		{"I10", "unsealed", unsealed},
		{"I10", "exchange_unfinished", exchangeUnfinished},
		{"I11", "idempotency_resource", idempotencyResource},
	}
}

// The checks of what no tenant owns.
func sharedChecks() []check {
	return []check{
		{"I5", "unprotected_table", unprotectedTable},
		{"I9", "job_overtime", jobOvertime},
		{"I9", "job_discarded", jobDiscarded},
		{"I10", "job_arguments", jobArguments},
	}
}

const (
	// A card key stands in stock once, so it can be delivered once.
	deliveredTwice = `
SELECT product_id::text, count(*) || ' rows hold the same card key'
FROM card_keys
WHERE tenant_id = app.tenant_id()
GROUP BY product_id, fingerprint
HAVING count(*) > 1
LIMIT $1`

	// A delivered order has exactly the keys it ordered; a refund makes them void, not fewer.
	deliveredCount = `
SELECT i.order_id::text, 'ordered ' || i.quantity || ' of product ' || i.product_id || ', has ' || coalesce(k.n, 0)
FROM (
    SELECT order_id, product_id, sum(quantity) AS quantity
    FROM order_items
    WHERE tenant_id = app.tenant_id() AND fulfilment_kind = 'card_key'
    GROUP BY 1, 2
) i
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = i.order_id AND o.delivered_at IS NOT NULL
LEFT JOIN (
    SELECT order_id, product_id, count(*) AS n
    FROM card_keys
    WHERE tenant_id = app.tenant_id() AND status IN ('delivered', 'void') AND order_id IS NOT NULL
    GROUP BY 1, 2
) k ON k.order_id = i.order_id AND k.product_id = i.product_id
WHERE coalesce(k.n, 0) <> i.quantity
UNION ALL
SELECT k.order_id::text, 'delivered a key of product ' || k.product_id || ' without being delivered'
FROM card_keys k
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = k.order_id
WHERE k.tenant_id = app.tenant_id() AND k.status = 'delivered' AND o.delivered_at IS NULL AND o.status <> 'paid'
LIMIT $1`

	// Paid before $2 and neither delivered, nor being delivered, nor being refunded, nor in manual review.
	paidUndelivered = `
SELECT o.id::text, 'payment ' || p.id || ' is paid, the order is ' || o.status
FROM payments p
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = p.order_id
WHERE p.tenant_id = app.tenant_id()
  AND p.status IN ('paid', 'refunded') AND o.delivered_at IS NULL AND p.paid_at < $2::timestamptz
  AND NOT EXISTS (
    SELECT
    FROM refunds r
    WHERE r.tenant_id = app.tenant_id() AND r.payment_id = p.id AND r.status IN ('pending', 'succeeded')
  )
  AND NOT EXISTS (
    SELECT
    FROM order_items i
    WHERE i.tenant_id = app.tenant_id() AND i.order_id = o.id AND i.delivery = 'queued'
  )
  AND NOT EXISTS (
    SELECT
    FROM cases c
    WHERE c.tenant_id = app.tenant_id() AND c.order_id = o.id AND c.status = 'open'
  )
LIMIT $1`

	reviewWithoutCase = `
SELECT o.id::text, 'needs review, but no case was ever opened'
FROM orders o
WHERE o.tenant_id = app.tenant_id()
  AND o.status = 'needs_review'
  AND NOT EXISTS (SELECT FROM cases c WHERE c.tenant_id = app.tenant_id() AND c.order_id = o.id)
LIMIT $1`

	// Delivered means: one payment of exactly the ordered fen, or of what two persons accepted instead, to the merchant
	// of record.
	unpaidDelivery = `
SELECT o.id::text, 'delivered with ' || count(p.id) || ' verified payments of ' || o.total_fen || ' fen'
FROM orders o
JOIN merchants m ON m.tenant_id = app.tenant_id() AND m.id = o.merchant_of_record_id
LEFT JOIN payments p
  ON p.tenant_id = app.tenant_id() AND p.order_id = o.id AND p.status IN ('paid', 'refunded')
 AND (p.amount_fen = o.total_fen OR EXISTS (
    SELECT
    FROM order_reviews r
    WHERE r.tenant_id = app.tenant_id() AND r.order_id = o.id AND r.decision = 'accept' AND r.status = 'confirmed'
      AND r.amount_fen = p.amount_fen
 )) AND p.trade_no IS NOT NULL AND p.smid = m.smid
WHERE o.tenant_id = app.tenant_id() AND o.delivered_at IS NOT NULL
GROUP BY o.id, o.total_fen
HAVING count(p.id) <> 1
LIMIT $1`

	// The merchant by which the wall between merchants tells a row is that of the order or product it belongs to.
	merchantWall = `
SELECT i.order_id::text, 'an item is not of the merchant of its order'
FROM order_items i
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = i.order_id
WHERE i.tenant_id = app.tenant_id() AND i.merchant_of_record_id IS DISTINCT FROM o.merchant_of_record_id
UNION ALL
SELECT p.order_id::text, 'payment ' || p.id || ' is not of the merchant of its order'
FROM payments p
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = p.order_id
WHERE p.tenant_id = app.tenant_id() AND p.merchant_of_record_id IS DISTINCT FROM o.merchant_of_record_id
UNION ALL
SELECT s.order_id::text, 'settlement ' || s.id || ' is not of the merchant of its order'
FROM settlements s
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = s.order_id
WHERE s.tenant_id = app.tenant_id() AND s.merchant_of_record_id IS DISTINCT FROM o.merchant_of_record_id
UNION ALL
SELECT s.order_id::text, 'split ' || s.id || ' is not of the merchants of its order and parts'
FROM splits s
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = s.order_id
JOIN split_parts x ON x.tenant_id = app.tenant_id() AND x.split_id = s.id
WHERE s.tenant_id = app.tenant_id()
  AND (s.merchant_of_record_id IS DISTINCT FROM o.merchant_of_record_id
       OR x.merchant_of_record_id IS DISTINCT FROM o.merchant_of_record_id
       OR x.merchant_id <> ALL (s.receiver_ids))
UNION ALL
SELECT r.order_id::text, 'refund ' || r.id || ' is not of the merchant of its order'
FROM refunds r
JOIN orders o ON o.tenant_id = app.tenant_id() AND o.id = r.order_id
WHERE r.tenant_id = app.tenant_id() AND r.merchant_of_record_id IS DISTINCT FROM o.merchant_of_record_id
UNION ALL
SELECT k.id::text, 'a card key is not of the supplier of its product'
FROM card_keys k
JOIN products p ON p.tenant_id = app.tenant_id() AND p.id = k.product_id
WHERE k.tenant_id = app.tenant_id() AND k.supplier_id IS DISTINCT FROM p.supplier_id
UNION ALL
SELECT i.id::text, 'an import is not of the supplier of its product'
FROM card_key_imports i
JOIN products p ON p.tenant_id = app.tenant_id() AND p.id = i.product_id
WHERE i.tenant_id = app.tenant_id() AND i.supplier_id IS DISTINCT FROM p.supplier_id
UNION ALL
SELECT i.id::text, 'an image is not of the merchant of its application'
FROM application_images i
JOIN applications a ON a.tenant_id = app.tenant_id() AND a.id = i.application_id
WHERE i.tenant_id = app.tenant_id() AND i.merchant_id IS DISTINCT FROM a.merchant_id
LIMIT $1`

	// Every payment is in the book once and in full, and nothing else is.
	unbookedPayment = `
SELECT
    p.order_id::text,
    'payment ' || p.id || ' (' || p.status || ') of ' || p.amount_fen || ' fen is booked ' || count(l.id)
        || ' times, ' || coalesce(sum(l.amount_fen), 0) || ' fen'
FROM payments p
LEFT JOIN ledger_postings l
  ON l.tenant_id = app.tenant_id() AND l.order_id = p.order_id AND l.kind = 'payment' AND l.source_id = p.id
WHERE p.tenant_id = app.tenant_id()
GROUP BY p.order_id, p.id, p.status, p.amount_fen
HAVING (p.status IN ('paid', 'refunded') AND (count(l.id) <> 1 OR sum(l.amount_fen) <> p.amount_fen))
    OR (p.status NOT IN ('paid', 'refunded') AND count(l.id) > 0)
LIMIT $1`

	settlementBook = `
SELECT
    s.order_id::text,
    'settlement ' || s.id || ' (' || s.status || ') of ' || s.amount_fen || ' fen is booked with '
        || coalesce(sum(l.amount_fen), 0)
FROM settlements s
LEFT JOIN ledger_postings l ON l.tenant_id = app.tenant_id() AND l.order_id = s.order_id AND l.kind = 'settlement'
WHERE s.tenant_id = app.tenant_id()
GROUP BY s.order_id, s.id, s.status, s.amount_fen
HAVING coalesce(sum(l.amount_fen), 0) <> CASE WHEN s.status = 'done' THEN s.amount_fen ELSE 0 END
LIMIT $1`

	// What the parts say left the merchant of record is what the book says; after completion nothing stays frozen.
	splitBook = `
SELECT
    s.order_id::text,
    'split ' || s.id || ' (' || s.status || '): parts ' || p.parts || ' fen, booked ' || coalesce(l.split, 0)
        || '; returned ' || p.returned || ', booked ' || coalesce(l.returned, 0)
FROM splits s
JOIN LATERAL (
    SELECT coalesce(sum(amount_fen), 0) AS parts, coalesce(sum(returned_fen), 0) AS returned
    FROM split_parts
    WHERE tenant_id = app.tenant_id() AND split_id = s.id
) p ON true
LEFT JOIN LATERAL (
    SELECT
        sum(amount_fen) FILTER (WHERE kind = 'split') AS split,
        sum(amount_fen) FILTER (WHERE kind = 'split_return') AS returned
    FROM ledger_postings
    WHERE tenant_id = app.tenant_id() AND order_id = s.order_id
) l ON true
WHERE s.tenant_id = app.tenant_id()
  AND (
    coalesce(l.split, 0) <> CASE WHEN s.status = 'completed' THEN p.parts ELSE 0 END
    OR coalesce(l.returned, 0) <> p.returned
  )
LIMIT $1`

	// Each change of state has exactly one event, unless it is gone by its age, and each event a change of state.
	oneEvent = `
WITH gone AS (
    SELECT max(gone_until) + interval '1 minute' AS until
    FROM retention_marks
    WHERE tenant_id = app.tenant_id() AND records IN ('events', 'events_last')
), expected AS (
    SELECT id, 'order.created' AS type, created_at AS at FROM orders
    WHERE tenant_id = app.tenant_id()
    UNION ALL SELECT id, 'order.paid', coalesce(paid_at, delivered_at) FROM orders
    WHERE tenant_id = app.tenant_id() AND delivered_at IS NOT NULL
    UNION ALL SELECT id, 'order.delivered', delivered_at FROM orders
    WHERE tenant_id = app.tenant_id() AND delivered_at IS NOT NULL
    UNION ALL SELECT id, 'order.closed', closed_at FROM orders
    WHERE tenant_id = app.tenant_id() AND closed_at IS NOT NULL
    UNION ALL SELECT id, 'order.refunded', (
        SELECT max(r.done_at) FROM refunds r
        WHERE r.tenant_id = app.tenant_id() AND r.order_id = o.id AND r.status = 'succeeded'
    ) FROM orders o
    WHERE o.tenant_id = app.tenant_id() AND o.status = 'refunded'
    UNION ALL SELECT id, 'split.completed', done_at FROM splits
    WHERE tenant_id = app.tenant_id() AND status = 'completed'
    UNION ALL SELECT id, 'refund.succeeded', done_at FROM refunds
    WHERE tenant_id = app.tenant_id() AND status = 'succeeded'
    UNION ALL SELECT id, 'refund.refused', done_at FROM refunds
    WHERE tenant_id = app.tenant_id() AND status = 'refused'
    UNION ALL SELECT id, 'onboarding.submitted', submitted_at FROM applications
    WHERE tenant_id = app.tenant_id() AND submitted_at IS NOT NULL
    UNION ALL SELECT id, 'onboarding.approved', decided_at FROM applications
    WHERE tenant_id = app.tenant_id() AND status = 'approved'
    UNION ALL SELECT id, 'onboarding.rejected', decided_at FROM applications
    WHERE tenant_id = app.tenant_id() AND status = 'rejected'
    UNION ALL SELECT id, 'case.opened', created_at FROM cases
    WHERE tenant_id = app.tenant_id()
), seen AS (
    SELECT subject_id AS id, type, count(*) AS n
    FROM events
    WHERE tenant_id = app.tenant_id()
      AND (type IN (SELECT type FROM expected) OR type LIKE 'order.%' AND type <> 'order.needs_review')
    GROUP BY 1, 2
)
SELECT
    coalesce(e.id, s.id)::text,
    coalesce(e.type, s.type) || ': ' || coalesce(s.n, 0) || ' events for '
        || CASE WHEN e.id IS NULL THEN 'no' ELSE 'one' END || ' change of state'
FROM expected e
CROSS JOIN gone
FULL JOIN seen s ON s.id = e.id AND s.type = e.type
WHERE (e.id IS NULL OR s.n IS DISTINCT FROM 1)
  AND NOT coalesce(s.id IS NULL AND e.at < gone.until, false)
LIMIT $1`

	// An event from before $2 that a healthy endpoint should have, does not have, and that no job will bring. Endpoints
	// that were changed since are left out: what they took at the time is not known.
	eventDelivered = `
WITH underway AS MATERIALIZED (
    SELECT j.args ->> 'event_id' AS event_id, j.args ->> 'endpoint_id' AS endpoint_id
    FROM river.river_job j
    WHERE j.kind = 'webhook_deliver'
      AND j.state IN ('available', 'pending', 'retryable', 'running', 'scheduled')
)
SELECT e.id::text, e.type || ' never reached endpoint ' || w.id
FROM webhook_endpoints w
JOIN events e
  ON e.tenant_id = app.tenant_id() AND e.created_at > w.created_at AND e.created_at < $2::timestamptz
 AND (w.event_types = '{}' OR e.type = ANY (w.event_types))
WHERE w.tenant_id = app.tenant_id() AND w.status = 'enabled' AND w.failing_since IS NULL
  AND NOT EXISTS (
    SELECT
    FROM webhook_attempts a
    WHERE a.tenant_id = app.tenant_id() AND a.endpoint_id = w.id AND a.event_id = e.id
      AND a.response_status BETWEEN 200 AND 299
  )
  AND NOT EXISTS (
    SELECT
    FROM audit_log l
    WHERE l.tenant_id = app.tenant_id() AND l.subject_id = w.id AND l.action = 'updateWebhookEndpoint'
  )
  AND NOT EXISTS (
    SELECT
    FROM retention_marks m
    WHERE m.tenant_id = app.tenant_id() AND m.records = 'webhook_attempts'
      AND e.created_at < m.gone_until + interval '1 minute'
  )
  AND NOT EXISTS (
    SELECT FROM underway u WHERE u.event_id = e.id::text AND u.endpoint_id = w.id::text
  )
LIMIT $1`

	// What was given back is at most what was paid, the same in every place that says it.
	refundSum = `
SELECT
    o.id::text,
    'refunds ' || r.fen || ' fen, order ' || o.refunded_fen || ', payments ' || p.refunded || ' of ' || p.paid
        || ', booked ' || l.fen
FROM orders o
JOIN LATERAL (
    SELECT coalesce(sum(amount_fen), 0) AS fen
    FROM refunds
    WHERE tenant_id = app.tenant_id() AND order_id = o.id AND status = 'succeeded'
) r ON true
JOIN LATERAL (
    SELECT
        coalesce(sum(refunded_fen), 0) AS refunded,
        coalesce(sum(amount_fen) FILTER (WHERE status IN ('paid', 'refunded')), 0) AS paid
    FROM payments
    WHERE tenant_id = app.tenant_id() AND order_id = o.id
) p ON true
JOIN LATERAL (
    SELECT coalesce(sum(amount_fen), 0) AS fen
    FROM ledger_postings
    WHERE tenant_id = app.tenant_id() AND order_id = o.id AND kind = 'refund'
) l ON true
WHERE o.tenant_id = app.tenant_id()
  AND (r.fen > p.paid OR r.fen <> o.refunded_fen OR r.fen <> p.refunded OR r.fen <> l.fen)
LIMIT $1`

	// What the receivers hold is at most what is left of the payment, but for parts that did not come back with a
	// refund: a case says so.
	partSum = `
SELECT
    p.order_id::text,
    'parts hold ' || sum(t.amount_fen - t.returned_fen) || ' of ' || (p.amount_fen - p.refunded_fen) || ' fen'
FROM payments p
JOIN splits s ON s.tenant_id = app.tenant_id() AND s.payment_id = p.id AND s.status = 'completed'
JOIN split_parts t ON t.tenant_id = app.tenant_id() AND t.split_id = s.id
WHERE p.tenant_id = app.tenant_id()
GROUP BY p.order_id, p.id, p.amount_fen, p.refunded_fen
HAVING sum(t.amount_fen - t.returned_fen) > p.amount_fen - p.refunded_fen
   AND NOT EXISTS (
    SELECT
    FROM cases c
    WHERE c.tenant_id = app.tenant_id() AND c.payment_id = p.id AND c.kind IN ('outside_refund', 'refund_incomplete')
   )
LIMIT $1`

	// What is sealed is noise: never short, never text that somebody could read.
	unsealed = `
SELECT id, place || ' holds readable text, or nothing'
FROM (
    SELECT id::text, 'card_keys.sealed_key' AS place, sealed_key AS sealed FROM card_keys
    WHERE tenant_id = app.tenant_id()
    UNION ALL SELECT id::text, 'webhook_endpoints.sealed_secret', sealed_secret FROM webhook_endpoints
    WHERE tenant_id = app.tenant_id()
    UNION ALL SELECT tenant_id::text, 'alipay_connections.sealed_private_key', sealed_private_key
      FROM alipay_connections
    WHERE tenant_id = app.tenant_id()
    UNION ALL SELECT id::text, 'applications.sealed_form', sealed_form FROM applications
    WHERE tenant_id = app.tenant_id()
) s
WHERE length(sealed) < 28 OR strpos(encode(sealed, 'escape'), '\') = 0
LIMIT $1`

	// An exchange of the data key that nobody carries on.
	exchangeUnfinished = `
SELECT version::text, 'version ' || version || ' of the data key is being exchanged since ' || former_since
    || ': run zhitong keyset exchange again'
FROM tenant_data_keys
WHERE tenant_id = app.tenant_id()
  AND former_since < $2::timestamptz
  AND (walker IS NULL OR walked_at < $2::timestamptz)
LIMIT $1`

	idempotencyResource = `
SELECT k.resource_id::text, k.operation || ' was claimed, but what it names is not there'
FROM idempotency_keys k
WHERE k.tenant_id = app.tenant_id()
  AND (
    (k.operation = 'createOrder' AND NOT EXISTS (
        SELECT FROM orders o WHERE o.tenant_id = app.tenant_id() AND o.id = k.resource_id))
    OR (k.operation = 'createRefund' AND NOT EXISTS (
        SELECT FROM refunds r WHERE r.tenant_id = app.tenant_id() AND r.id = k.resource_id))
  )
LIMIT $1`

	// Every table with a tenant has row-level security, forced upon its owner too; every table without one is known.
	unprotectedTable = `
SELECT
    c.oid::regclass::text,
    CASE
        WHEN t.attnum IS NULL THEN 'has no tenant_id and is not known to need none'
        ELSE 'has no forced row-level security with one permissive policy'
    END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
LEFT JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relname NOT IN ('tenant_directory', 'installation_key', 'goose_db_version',
    'people', 'person_totps', 'recovery_codes', 'sessions', 'sign_in_limits', 'memberships', 'one_time_links',
    'passkeys', 'spent_challenges', 'sandbox_ends')
  AND (
    t.attnum IS NULL OR NOT c.relrowsecurity OR NOT c.relforcerowsecurity
    OR (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive) <> 1
  )
LIMIT $1`

	// Rescued after 35 s, and a minute and some for the rescuer.
	jobOvertime = `
SELECT id::text, kind || ' has been running since ' || attempted_at
FROM river.river_job
WHERE state = 'running' AND attempted_at < now() - interval '105 seconds'
LIMIT $1`

	// Jobs carry identifiers: no secret, no copy of a row.
	jobArguments = `
SELECT j.id::text, j.kind || ' carries ' || a.key
FROM river.river_job j
CROSS JOIN LATERAL jsonb_each_text(j.args) a
WHERE a.value !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
LIMIT $1`

	jobDiscarded = `
SELECT
    id::text,
    kind || ' of tenant ' || coalesce(args ->> 'tenant_id', '?') || ' was given up after ' || attempt || ' attempts'
FROM river.river_job
WHERE state = 'discarded' AND queue IN ('payments', 'money', 'onboarding')
LIMIT $1`
)
