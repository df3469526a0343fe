package invariants

// What the overview has summed of the book is what the book says up to the same posting, by hours and by days. The
// figures are corrected by zhitong figures.
const figuresBook = `
WITH book AS (
    SELECT
        coalesce(sum(f.paid), 0) AS paid,
        coalesce(sum(f.turnover_fen), 0) AS turnover,
        coalesce(sum(f.refunded_fen), 0) AS refunded,
        coalesce(sum(f.settled_fen), 0) AS settled,
        coalesce(sum(f.commission_fen), 0) AS commission,
        coalesce(sum(f.others_fen), 0) AS others
    FROM overview_facts f
    JOIN overview_heads h ON h.tenant_id = app.tenant_id() AND f.id <= h.passed
    WHERE f.tenant_id = app.tenant_id() AND f.origin = 'book'
)
SELECT
    s.span,
    'paid, turnover, refunded, settled, commission and others are '
        || concat_ws(', ', g.paid, g.turnover, g.refunded, g.settled, g.commission, g.others) || ' by '
        || s.span || 's, and in the book '
        || concat_ws(', ', b.paid, b.turnover, b.refunded, b.settled, b.commission, b.others)
FROM book b
CROSS JOIN (VALUES ('hour'), ('day')) s (span)
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(f.paid), 0) AS paid,
        coalesce(sum(f.turnover_fen), 0) AS turnover,
        coalesce(sum(f.refunded_fen), 0) AS refunded,
        coalesce(sum(f.settled_fen), 0) AS settled,
        coalesce(sum(f.commission_fen), 0) AS commission,
        coalesce(sum(f.others_fen), 0) AS others
    FROM overview_figures f
    WHERE f.tenant_id = app.tenant_id()
      AND f.span = s.span
      AND f.merchant_id = '00000000-0000-0000-0000-000000000000'
      AND f.product_id = '00000000-0000-0000-0000-000000000000'
) g
WHERE (g.paid, g.turnover, g.refunded, g.settled, g.commission, g.others)
   IS DISTINCT FROM (b.paid, b.turnover, b.refunded, b.settled, b.commission, b.others)
LIMIT $1`
