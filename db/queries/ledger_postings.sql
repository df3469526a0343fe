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
-- never gets back more than was paid.
SELECT
    order_id,
    account,
    merchant_id,
    sum(amount_fen)::bigint AS balance
FROM ledger_entries
WHERE tenant_id = app.tenant_id()
GROUP BY order_id, account, merchant_id
HAVING CASE WHEN account = 'buyer' THEN sum(amount_fen) > 0 ELSE sum(amount_fen) < 0 END
ORDER BY order_id
LIMIT sqlc.arg(page_size);
