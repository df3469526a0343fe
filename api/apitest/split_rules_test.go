package apitest_test

import (
	"sync"
	"testing"

	"zhitong/api/apitest"
)

// TestArchiveAgainstProducts: a rule is archived while products are given it. Whatever comes first, no product for sale
// has an archived rule.
func TestArchiveAgainstProducts(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for range 8 {
		rule := newRule(t, w, p)["split_rule_id"]
		body := w.ProductBody(p, "x")
		body["split_rule_id"] = rule
		var archived, made apitest.Answer
		var wg sync.WaitGroup
		wg.Go(func() { archived = w.Do(t, p.Key(owner), "POST", "/v1/split_rules/"+rule+"/archive", nil) })
		wg.Go(func() { made = w.Do(t, p.Key(owner), "POST", "/v1/products", body) })
		wg.Wait()
		switch {
		case archived.Status == 200 && made.Code() == "split_rule_archived":
		case archived.Code() == "split_rule_in_use" && made.Status == 201:
		default:
			t.Errorf("archive: %d %s\nproduct: %d %s", archived.Status, archived.Body, made.Status, made.Body)
		}
	}
}
