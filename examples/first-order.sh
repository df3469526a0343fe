#!/usr/bin/env bash
# From nothing to a delivered order, by the public API only: a platform signs up, a supplier and a distributor are onboarded at Alipay (here: the simulator),
# a product gets its card keys, a buyer pays, the keys arrive, the money is split, and everything is given back again.
#
#   make run                          # in another terminal
#   examples/first-order.sh           # or: examples/first-order.sh path/to/dev.json
#
# Needs curl and jq. Stops with an error at the first thing that is not as it should be.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly DEV_JSON=${1:-.zhitong/dev.json}
readonly WAIT_SECONDS=60
for tool in curl jq base64; do command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 1; }; done
[ -r "$DEV_JSON" ] || { echo "$DEV_JSON is not there: is \`make run\` running?" >&2; exit 1; }
API=$(jq -er .api_url "$DEV_JSON")
SIM=$(jq -er .simulator_url "$DEV_JSON")
readonly API SIM
KEY=''
RUN=$(date +%s)$RANDOM # makes names and idempotency keys of this run its own
readonly RUN
WORK=$(mktemp -d)
readonly WORK
RECEIVER_PID=''
cleanup() {
  [ -z "$RECEIVER_PID" ] || kill "$RECEIVER_PID" 2>/dev/null || true
  rm -rf "$WORK"
}
trap cleanup EXIT

step_number=0
step() {
  step_number=$((step_number + 1))
  printf '\n%2d. %s\n' "$step_number" "$1"
}
say() { printf '    %s\n' "$*"; }
fail() {
  printf '\nFAILED: %s\n' "$*" >&2
  exit 1
}

# call METHOD PATH [BODY] [curl options…] → the answer's body; anything but 2xx ends the script with what was answered.
call() {
  local method=$1 path=$2 body=${3:-} status
  shift $(($# < 3 ? $# : 3))
  local args=(-sS -X "$method" -o "$WORK/body" -D "$WORK/headers" -w '%{http_code}' -H "Authorization: Bearer $KEY")
  [ -z "$body" ] || args+=(-H 'Content-Type: application/json' --data-binary "$body")
  status=$(curl "${args[@]}" "$@" "$API$path") || fail "$method $path: no answer"
  if [[ $status != 2* ]]; then
    fail "$method $path answered $status: $(cat "$WORK/body")"
  fi
  cat "$WORK/body"
}
# refused METHOD PATH STATUS CODE [BODY] [curl options…]: the API must say no in exactly this way.
refused() {
  local method=$1 path=$2 want_status=$3 want_code=$4 body=${5:-} status code
  shift $(($# < 5 ? $# : 5))
  local args=(-sS -X "$method" -o "$WORK/body" -w '%{http_code}' -H "Authorization: Bearer $KEY")
  [ -z "$body" ] || args+=(-H 'Content-Type: application/json' --data-binary "$body")
  status=$(curl "${args[@]}" "$@" "$API$path") || fail "$method $path: no answer"
  code=$(jq -r .code "$WORK/body")
  [ "$status $code" = "$want_status $want_code" ] || fail "$method $path answered $status $code, not $want_status $want_code"
  say "refused as it should be: $status $code"
}
desk() { # METHOD PATH [BODY]: the simulator's desk, where somebody plays Alipay's staff
  local body=${3:-}
  [ -n "$body" ] || body='{}'
  if [ "$1" = GET ]; then curl -fsS "$SIM/desk/api$2"; else curl -fsS -X "$1" -H 'Content-Type: application/json' --data "$body" "$SIM/desk/api$2"; fi
}
# until_is WHAT EXPECTED COMMAND…: repeats the command until it prints what is expected.
until_is() {
  local what=$1 want=$2 got='' end=$((SECONDS + WAIT_SECONDS))
  shift 2
  while :; do
    got=$("$@")
    [ "$got" != "$want" ] || return 0
    [ "$SECONDS" -lt "$end" ] || fail "$what is \"$got\" after $WAIT_SECONDS s, not \"$want\""
    sleep 0.2
  done
}

# A valid PNG of 8 × 8 grey points, for the papers that a form asks for.
base64 -d >"$WORK/paper.png" <<'PNG'
iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR42mNogAIGyhgAgIQgARDoahcAAAAASUVORK5CYII=
PNG

form() { # NAME NUMBER: the form of an enterprise; its numbers are nobody's
  jq -n --arg name "$1" --arg n "$2" '{
    name: $name, alias_name: $name, merchant_type: "01", mcc: "B0205", cert_no: "91330100MA27XY7A19", legal_name: "李四", legal_cert_no: "330106198001011235",
    contact_name: "赵六", contact_mobile: ("139" + $n), contact_email: ("ops" + $n + "@example.cn"), service_phone: "057100000000",
    service: ["当面付", "电脑支付", "wap支付"], site_url: "https://shop.example.cn", site_name: $name,
    business_address: {province_code: "330000", city_code: "330100", district_code: "330106", address: "文三路 1 号"},
    qualification_type: "310", binding_alipay_logon_id: ("finance" + $n + "@example.cn"),
    # Settled to its Alipay account, where a refund finds the money again; settle_card would name a bank card.
    alipay_logon_id: ("finance" + $n + "@example.cn")}'
}
apply() { # MERCHANT NAME NUMBER → sets application
  application=$(call POST "/v1/merchants/$1/applications" "$(form "$2" "$3")" | jq -er .id)
  local purpose
  for purpose in cert_image legal_cert_front_image legal_cert_back_image out_door_image in_door_image qualification_image; do
    call PUT "/v1/applications/$application/images/$purpose" '' -H 'Content-Type: image/png' --data-binary "@$WORK/paper.png" >/dev/null
  done
  call POST "/v1/applications/$application/submit" | jq -r '"    application \(.id): \(.status)"'
}
application_status() { call GET "/v1/applications/$1" | jq -r .status; }
at_desk() { # APPLICATION
  local external
  external=$(call GET "/v1/applications/$1" | jq -er .external_id)
  desk GET "/applications?external_id=$external" | jq -r '.applications[0].order_id // ""'
}
arrives() { # APPLICATION → sets alipay_order, the number at the desk
  local end=$((SECONDS + WAIT_SECONDS))
  until alipay_order=$(at_desk "$1") && [ -n "$alipay_order" ]; do
    [ "$SECONDS" -lt "$end" ] || fail "application $1 did not reach Alipay within $WAIT_SECONDS s"
    sleep 0.2
  done
}

step 'A platform signs up'
signed_up=$(call POST /v1/tenants "$(jq -n --arg r "$RUN" '{name: ("示例卡盟 " + $r), owner_email: ("owner" + $r + "@example.cn")}')" \
  -H "Idempotency-Key: $(head -c 24 /dev/urandom | base64)")
KEY=$(jq -er .api_key.secret <<<"$signed_up")
tenant=$(jq -er .tenant.id <<<"$signed_up")
say "tenant $tenant, key ${KEY:0:20}… (shown once)"
call GET /v1/alipay_connection | jq -r '"    its Alipay app \(.app_id) of account \(.pid), gateway \(.gateway_url)"'

step 'A webhook endpoint'
if command -v python3 >/dev/null; then
  python3 - "$WORK" <<'PY' &
import http.server, os, sys
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(os.path.join(sys.argv[1], "events"), "ab") as f: f.write(body.replace(b"\n", b" ") + b"\n")
        self.send_response(204); self.end_headers()
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
with open(os.path.join(sys.argv[1], "port.new"), "w") as f: f.write(str(server.server_port))
os.rename(os.path.join(sys.argv[1], "port.new"), os.path.join(sys.argv[1], "port"))
server.serve_forever()
PY
  RECEIVER_PID=$!
  for _ in $(seq 100); do [ ! -e "$WORK/port" ] || break; sleep 0.1; done
  hook="http://127.0.0.1:$(cat "$WORK/port")/zhitong"
else
  hook=http://127.0.0.1:9/zhitong # nobody listens there: the attempts show it
fi
endpoint=$(call POST /v1/webhook_endpoints "$(jq -n --arg u "$hook" '{url: $u}')" | jq -er .id)
say "$hook"

step 'A supplier applies to Alipay'
supplier=$(call POST /v1/merchants '{"kind":"supplier","name":"示例供货商"}' | jq -er .id)
n=$(printf '%08d' $((RUN % 100000000)))
apply "$supplier" "杭州示例供货$n有限公司" "$n"
arrives "$application"
say "at the desk of Alipay: $alipay_order"

step 'Alipay rejects it, and says why'
desk POST "/applications/$alipay_order/reject" '{"reason":"营业执照照片模糊"}' >/dev/null
until_is 'the application' rejected application_status "$application"
call GET "/v1/applications/$application" | jq -er '"    rejected: " + (.reason | select(length > 0))'

step 'The supplier applies again; a distributor too; both are approved'
apply "$supplier" "杭州示例供货$n有限公司" "$n"
supplier_application=$application
# Its Alipay account, which receives its parts: one of the simulator's accounts for trying (docs/simulator.md).
distributor=$(call POST /v1/merchants '{"kind":"distributor","name":"示例分销商","receiver":{"type":"userId","account":"2088000000000101"}}' | jq -er .id)
m=$(printf '%08d' $(((RUN + 1) % 100000000)))
apply "$distributor" "杭州示例分销$m有限公司" "$m"
distributor_application=$application
for a in "$supplier_application" "$distributor_application"; do
  arrives "$a"
  desk POST "/applications/$alipay_order/approve" >/dev/null
done
for a in "$supplier_application" "$distributor_application"; do until_is 'the application' approved application_status "$a"; done
for m in "$supplier" "$distributor"; do call GET "/v1/merchants/$m" | jq -er '"    \(.kind) \(.name): \(.status), smid " + (.smid | select(length == 16))'; done

step 'A split rule: 5 % for the platform, 2 % for the distributor, the rest stays with the supplier'
rule=$(call POST /v1/split_rules "$(jq -n --arg d "$distributor" '{name: "5 % + 2 %", parts: [{receiver: "platform", rate_bps: 500}, {receiver: "merchant", merchant_id: $d, rate_bps: 200}]}')")
jq -r '"    version \(.version); Alipay allows \(.max_split_bps / 100) % to be split away"' <<<"$rule"
rule=$(jq -er .id <<<"$rule")
refused POST /v1/split_rules 422 split_rule_above_cap '{"name":"too much","parts":[{"receiver":"platform","rate_bps":9000}]}'

step 'A product with card keys'
product=$(call POST /v1/products "$(jq -n --arg s "$supplier" --arg r "$rule" '{name: "示例点券 100 元", price_fen: 10000, supplier_id: $s, merchant_of_record_id: $s, split_rule_id: $r}')" | jq -er .id)
keys=$(jq -n --arg r "$RUN" '{card_keys: [range(5) | "KEY-\($r)-\(.)"]}')
call POST "/v1/products/$product/card_keys" "$keys" | jq -r '"    imported \(.accepted), duplicates \(.duplicates)"'
call POST "/v1/products/$product/card_keys" "$keys" | jq -e 'select(.accepted == 0 and .duplicates == 5) | "    again: imported 0, duplicates 5"' -r || fail 'duplicates were imported'

step 'An order; the same request again is the same order'
order_body=$(jq -n --arg p "$product" --arg r "$RUN" '{items: [{product_id: $p, quantity: 2}], reference: $r, buyer_contact: "13800000000"}')
order=$(call POST /v1/orders "$order_body" -H "Idempotency-Key: order-$RUN")
order_id=$(jq -er .id <<<"$order")
jq -r '"    \(.id): \(.status), \(.total_fen / 100) yuan, checkout \(.checkout_url)"' <<<"$order"
again=$(call POST /v1/orders "$order_body" -H "Idempotency-Key: order-$RUN")
[ "$(jq -r .id <<<"$again")" = "$order_id" ] || fail 'the same Idempotency-Key made another order'
grep -qi '^idempotency-replayed: true' "$WORK/headers" || fail 'the repeat does not say that it is one'
say 'repeated: the same order, Idempotency-Replayed: true'
refused POST /v1/orders 422 idempotency_key_reused "$(jq '.items[0].quantity = 1' <<<"$order_body")" -H "Idempotency-Key: order-$RUN"
refused POST /v1/orders 409 card_keys_sold_out "$(jq '.items[0].quantity = 100' <<<"$order_body")" -H "Idempotency-Key: too-many-$RUN"
refused GET "/v1/orders/$order_id/card_keys" 409 order_not_delivered

step 'The buyer scans the code and pays at the cashier'
curl -fsS -o /dev/null "$(jq -er .checkout_url <<<"$order")" || fail 'the checkout page does not open'
cashier=$(jq -er .payment.pay_url <<<"$order")
curl -fsS -o /dev/null "$cashier" || fail 'the cashier does not open'
curl -fsS -o /dev/null --data 'action=pay&password=111111' "$cashier" || fail 'the cashier does not take the payment'
say "paid at $cashier"

step 'The card keys arrive'
order_status() { call GET "/v1/orders/$order_id" | jq -r .status; }
until_is 'the order' delivered order_status
call GET "/v1/orders/$order_id/card_keys" | jq -er '.card_keys | if length == 2 then .[] | "    \(.card_key)" else error("not two keys") end'

step 'The money is settled and split'
split_status() { # a split that has not begun is a 404
  curl -sS -H "Authorization: Bearer $KEY" "$API/v1/orders/$order_id/split" | jq -r 'if .settlement then "\(.settlement.status) \(.status // "")" else .code end'
}
until_is 'the split' 'done completed' split_status
call GET "/v1/orders/$order_id/split" | jq -er '(.parts[] | "    \(.receiver): \(.amount_fen / 100) yuan to \(.receiver_account)"), "    the supplier keeps \(.kept_fen / 100) yuan",
  (if ([.parts[].amount_fen] == [1000, 400]) and .kept_fen == 18600 then empty else error("not 10.00 + 4.00 + 186.00 yuan") end)'

balanced() { # the postings of the order: what leaves one account arrives at another, and no account is below zero but the buyer's
  call GET "/v1/orders/$order_id/postings" | jq -r '
    (.data[] | "    \(.kind): \(.amount_fen / 100) yuan from \(.from_account) to \(.to_account)"),
    ([.data[] | {a: (.from_account + (.from_merchant_id // "")), f: -.amount_fen}, {a: (.to_account + (.to_merchant_id // "")), f: .amount_fen}]
      | group_by(.a) | map({a: .[0].a, f: (map(.f) | add)})
      | if (map(.f) | add) != 0 then error("the book does not balance") elif any(.a != "buyer" and .f < 0) then error("an account is overdrawn") else empty end)'
}
step 'The book balances'
balanced

step 'The buyer gets the money back, and every part returns'
refund_body='{"reason":"example"}'
refund=$(call POST "/v1/orders/$order_id/refunds" "$refund_body" -H "Idempotency-Key: refund-$RUN" | jq -er .id)
refund_status() { call GET "/v1/refunds/$refund" | jq -r .status; }
until_is 'the refund' succeeded refund_status
[ "$(order_status)" = refunded ] || fail "the order is $(order_status), not refunded"
refused POST "/v1/orders/$order_id/refunds" 409 order_not_refundable "$refund_body" -H "Idempotency-Key: twice-$RUN"
call GET "/v1/orders/$order_id/split" | jq -er '.parts | if all(.amount_fen == .returned_fen) then "    every part has been returned" else error("a part was not returned") end'
call GET "/v1/orders/$order_id/card_keys" | jq -er '.card_keys | if all(.status == "void") then "    the card keys are void" else error("a card key is still good") end'
balanced
call GET "/v1/orders/$order_id/postings" | jq -e '[.data[] | select(.to_account == "buyer") | .amount_fen] | add == 20000' >/dev/null || fail 'the buyer did not get 200.00 yuan back'

step 'What happened, as events'
for type in onboarding.rejected onboarding.approved order.created order.paid order.delivered split.completed refund.succeeded order.refunded; do
  call GET "/v1/events?type=$type" | jq -er --arg t "$type" '.data | if length > 0 then "    \($t) × \(length)" else error($t + " is missing") end'
done
if [ -n "$RECEIVER_PID" ]; then
  delivered() { jq -r 'select(.type == "order.refunded") | .type' "$WORK/events" 2>/dev/null | head -n 1; }
  until_is 'the last webhook' order.refunded delivered
  say "received: $(jq -r .type "$WORK/events" | sort | uniq -c | awk '{ printf "%s × %s  ", $2, $1 }')"
fi
attempts() { call GET "/v1/webhook_endpoints/$endpoint/attempts?limit=100" | jq -r '.data | length > 0'; }
until_is 'a recorded attempt' true attempts
call GET "/v1/webhook_endpoints/$endpoint/attempts?limit=100" | jq -r '"    attempts recorded: \(.data | length), answered with 2xx: \([.data[] | select(.response_status // 0 | . >= 200 and . < 300)] | length)"'

printf '\nThe whole road was walked: paid, delivered, split, told, and given back.\n'
