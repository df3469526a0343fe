package notify

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Ways to forge a notification. All but the last group carry no valid signature of Alipay over what they say; the
// "signed_" ones are validly signed and lie in one field, to test that the receiver compares them with what it ordered.
func ForgeWays() []string {
	return []string{
		"unsigned", "empty_sign", "foreign_key", "rsa_downgrade", "altered_amount", "altered_status",
		"altered_out_trade_no", "altered_app_id",
		"altered_subject", "sign_over_sign_type", "repeated_amount", "query_amount", "truncated_sign", "extra_field",
		"no_sign_type", "unknown_sign_type",
		"signed_amount", "signed_app_id", "signed_seller_id", "signed_out_trade_no", "signed_closed",
		"signed_amount_form", "signed_recut",
	}
}

// forge makes the body of a false notification from the parameters of a true one.
func forge(s *state.State, way string, p map[string]string) (string, error) {
	p = maps.Clone(p)
	if name, ok := strings.CutPrefix(way, "signed_"); ok {
		lie(p, name)
		return signedForm(s, p)
	}
	if way == "foreign_key" {
		key, err := rsa.GenerateKey(rand.Reader, protocol.RSAKeyBits)
		if err != nil {
			return "", fmt.Errorf("forge: %w", err)
		}
		sign, err := protocol.SignRSA2(key, []byte(protocol.SignText(p, "sign", "sign_type")))
		if err != nil {
			return "", err
		}
		p["sign_type"], p["sign"] = "RSA2", sign
		return formOf(p).Encode(), nil
	}
	sign, err := protocol.SignRSA2(s.Keys.Key, []byte(protocol.SignText(p, "sign", "sign_type")))
	if err != nil {
		return "", err
	}
	p["sign_type"], p["sign"] = "RSA2", sign
	values := formOf(p)
	switch way {
	case "unsigned":
		values.Del("sign")
		values.Del("sign_type")
	case "empty_sign":
		values.Set("sign", "")
	case "rsa_downgrade":
		sum := sha1.Sum([]byte(protocol.SignText(p, "sign", "sign_type")))
		sig, err := rsa.SignPKCS1v15(nil, s.Keys.Key, crypto.SHA1, sum[:])
		if err != nil {
			return "", fmt.Errorf("forge: %w", err)
		}
		values.Set("sign_type", "RSA")
		values.Set("sign", base64.StdEncoding.EncodeToString(sig))
	case "altered_amount":
		values.Set("total_amount", "0.01")
	case "altered_status":
		values.Set("trade_status", "TRADE_FINISHED")
	case "altered_out_trade_no":
		values.Set("out_trade_no", p["out_trade_no"]+"0")
	case "altered_app_id":
		values.Set("app_id", "9021000000000000")
	case "altered_subject":
		values.Set("subject", p["subject"]+"!")
	case "sign_over_sign_type":
		if sign, err = protocol.SignRSA2(s.Keys.Key, []byte(protocol.SignText(p, "sign"))); err != nil {
			return "", err
		}
		values.Set("sign", sign)
	case "repeated_amount":
		values.Add("total_amount", "0.01")
	case "query_amount":
		values.Del("total_amount") // forgedTwin puts it into the URL
	case "truncated_sign":
		values.Set("sign", p["sign"][:len(p["sign"])/2])
	case "extra_field":
		values.Set("extra", "1")
	case "no_sign_type":
		values.Del("sign_type")
		values.Set("total_amount", "0.01")
	case "unknown_sign_type":
		values.Set("sign_type", "NONE")
	default:
		return "", fmt.Errorf("forge: unknown way %q, one of %s", way, strings.Join(ForgeWays(), ", "))
	}
	return values.Encode(), nil
}

// lie changes one field to another value that could be true.
func lie(p map[string]string, name string) {
	switch name {
	case "amount":
		p["total_amount"] = "0.01"
	case "app_id":
		p["app_id"], p["auth_app_id"] = "9021000000000000", "9021000000000000"
	case "seller_id":
		p["seller_id"] = "2088000000000999"
	case "out_trade_no":
		p["out_trade_no"] += "0"
	case "closed":
		p["trade_status"] = "TRADE_CLOSED"
	case "recut":
		// Signed as a trade of one fen that nobody has paid, whose subject holds the fields that this form shows: names
		// and values are joined by & and = and neither is escaped, so both forms have one signed text.
		p["trade_status"] = "TRADE_SUCCESS"
		p["z"] = "&total_amount=0.01&trade_no=" + p["trade_no"] + "&trade_status=WAIT_BUYER_PAY&version=" + p["version"]
		delete(p, "version")
		delete(p, "voucher_detail_list")
	case "amount_form":
		p["total_amount"] = strings.TrimSuffix(p["total_amount"], "0") + "e0"
	}
}

func formOf(p map[string]string) url.Values {
	v := url.Values{}
	for k, x := range p {
		v.Set(k, x)
	}
	return v
}

// forgedTwin queues a forged copy of a true notification under a notify_id of its own, every way in turn. It is
// delivered once.
func forgedTwin(tx *state.Tx, note *Notification) error {
	ways := ForgeWays()
	_, err := AddForged(tx, note, ways[int(note.Seq)%len(ways)])
	return err
}

// AddForged queues one false notification made from a true one. The schedule is not used: Copies of failed forgeries
// end at once.
func AddForged(tx *state.Tx, note *Notification, way string) (*Notification, error) {
	if !slices.Contains(ForgeWays(), way) {
		return nil, fmt.Errorf("forge: unknown way %q, one of %s", way, strings.Join(ForgeWays(), ", "))
	}
	twin := *note
	var err error
	if twin.Seq, err = tx.NextID(Bucket); err != nil {
		return nil, err
	}
	twin.ID = tx.Now.In(protocol.BeijingZone()).Format("20060102") + "00666" + fmt.Sprintf("%021d", twin.Seq)
	twin.Params = maps.Clone(note.Params)
	twin.Params["notify_id"] = twin.ID
	twin.Forged, twin.Odd, twin.Attempts, twin.Copies, twin.Held = way, "", nil, 0, false
	if way == "query_amount" {
		sep := "?"
		if strings.Contains(twin.URL, "?") {
			sep = "&"
		}
		twin.URL += sep + "total_amount=" + url.QueryEscape(note.Params["total_amount"])
	}
	if err := tx.Bucket(BucketIDs).Put([]byte(twin.ID), state.Key(twin.Seq)); err != nil {
		return nil, fmt.Errorf("store a notification: %w", err)
	}
	return &twin, Queue(tx, &twin, tx.State.Now())
}
