-- name: LedgerPostingInsert :exec
INSERT INTO ledger_postings (
    tenant_id,
    id,
    kind,
    order_id,
    source_id,
    from_account,
    from_merchant_id,
    to_account,
    to_merchant_id,
    amount_fen,
    created_at
) VALUES (
    app.tenant_id(),
    @id,
    @kind,
    @order_id,
    @source_id,
    @from_account,
    @from_merchant_id,
    @to_account,
    @to_merchant_id,
    @amount_fen,
    @created_at
);

-- name: LedgerPostingListByOrder :many
SELECT
    tenant_id,
    id,
    kind,
    order_id,
    source_id,
    from_account,
    from_merchant_id,
    to_account,
    to_merchant_id,
    amount_fen,
    created_at
FROM ledger_postings
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
  AND id > @after
ORDER BY id
LIMIT sqlc.arg(page_size);

-- name: LedgerBalancesByOrder :many
SELECT
    account,
    merchant_id,
    sum(amount_fen)::bigint AS balance
FROM ledger_entries
WHERE tenant_id = app.tenant_id()
  AND order_id = @order_id
GROUP BY account, merchant_id
ORDER BY account, merchant_id;

-- name: LedgerBalances :many
SELECT
    account,
    merchant_id,
    sum(amount_fen)::bigint AS balance
FROM ledger_entries
WHERE tenant_id = app.tenant_id()
GROUP BY account, merchant_id
ORDER BY account, merchant_id;

-- name: LedgerUnbalanced :many
-- Orders whose entries do not sum to zero, with the sum: always none.
SELECT
    order_id,
    sum(amount_fen)::bigint AS balance
FROM ledger_entries
WHERE tenant_id = app.tenant_id()
GROUP BY order_id
HAVING sum(amount_fen) <> 0
ORDER BY order_id
LIMIT sqlc.arg(page_size);

-- name: LedgerOverdrawn :many
-- Accounts of one order from which more was taken than came in. The buyer's is the other way round: the order's buyer
-- never gets back more than was paid. What a refund took from the merchant of record while receivers kept their parts
-- is that merchant's loss, and no breach: somebody else can give money back at the acquirer and leave the parts.
WITH balances AS (
    SELECT
        order_id,
        account,
        merchant_id,
        sum(amount_fen)::bigint AS balance,
        coalesce(-sum(amount_fen) FILTER (WHERE kind = 'refund'), 0)::bigint AS refunded
    FROM ledger_entries
    WHERE tenant_id = app.tenant_id()
    GROUP BY order_id, account, merchant_id
), held AS (
    SELECT
        order_id,
        sum(balance)::bigint AS parts
    FROM balances
    WHERE account IN ('commission', 'settled') AND balance > 0
    GROUP BY order_id
)
SELECT
    b.order_id,
    b.account,
    b.merchant_id,
    b.balance
FROM balances b
LEFT JOIN held h ON h.order_id = b.order_id
WHERE (b.account = 'buyer' AND b.balance > 0)
    OR (b.account NOT IN ('buyer', 'settled') AND b.balance < 0)
    OR (b.account = 'settled' AND b.balance + least(b.refunded, coalesce(h.parts, 0)) < 0)
ORDER BY b.order_id
LIMIT sqlc.arg(page_size);
