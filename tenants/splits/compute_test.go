package splits_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"zhitong/internal/fault"
	"zhitong/internal/money"
	"zhitong/tenants/splits"
)

func TestCompute(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		shares []money.Share
		total  money.Fen
		limit  money.BasisPoints
		parts  []money.Fen
		kept   money.Fen
		code   fault.Code
	}{
		{name: "platform 5 %", shares: []money.Share{{Rate: 500}}, total: 10000, limit: 3000, parts: []money.Fen{500},
			kept: 9500},
		{name: "nothing to split", total: 1, limit: 0, parts: []money.Fen{}, kept: 1},
		{name: "exactly the cap", shares: []money.Share{{Rate: 1000}, {Rate: 2000}}, total: 10000, limit: 3000,
			parts: []money.Fen{1000, 2000}, kept: 7000},
		{name: "the cap rounds down", shares: []money.Share{{Rate: 3000}}, total: 3, limit: 3000,
			parts: []money.Fen{0}, kept: 3},
		{name: "a floor above the cap", shares: []money.Share{{Rate: 100, Floor: 31}}, total: 100, limit: 3000,
			code: splits.CodeAboveCap},
		{name: "fixed above the cap", shares: []money.Share{{Fixed: 31}}, total: 100, limit: 3000,
			code: splits.CodeAboveCap},
		{name: "fixed within the cap", shares: []money.Share{{Fixed: 30}}, total: 100, limit: 3000,
			parts: []money.Fen{30}, kept: 70},
		{name: "fixed above the whole", shares: []money.Share{{Fixed: 101}}, total: 100, limit: 10000,
			code: splits.CodeAboveCap},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parts, kept, err := splits.Compute(c.shares, c.total, c.limit)
			if fault.CodeOf(err) != c.code || !slices.Equal(parts, c.parts) || kept != c.kept {
				t.Errorf("parts %v, kept %d, %v", parts, kept, err)
			}
			if c.code != "" && c.limit == 3000 && !strings.Contains(err.Error(), "30 %") {
				t.Errorf("the limit is not named: %v", err)
			}
			if got := splits.CheckCap(c.shares, c.total, c.limit); fault.CodeOf(got) != c.code {
				t.Errorf("CheckCap: %v", got)
			}
		})
	}
}

// TestComputeProperty: rates within the cap always fit, whatever the amount; and nothing is lost.
func TestComputeProperty(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	for range 200_000 {
		limit := money.BasisPoints(r.Int32N(int32(money.Whole) + 1))
		left, shares := limit, []money.Share{}
		for range r.IntN(splits.PartsMax + 1) {
			rate := money.BasisPoints(r.Int32N(int32(left) + 1))
			left -= rate
			shares = append(shares, money.Share{Rate: rate})
		}
		total := money.Fen(1 + r.Int64N(int64(money.Max)))
		parts, kept, err := splits.Compute(shares, total, limit)
		if err != nil {
			t.Fatalf("seed %d: %v of %d within %d: %v", seed, shares, total, limit, err)
		}
		sum := kept
		for _, p := range parts {
			sum += p
		}
		if sum != total || kept < 0 {
			t.Fatalf("seed %d: %v of %d: parts %v, kept %d", seed, shares, total, parts, kept)
		}
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	for account, want := range map[string]string{
		"2088000000000101": "2088********0101", "13800005678": "138****5678", "seller@example.com": "s***@example.com",
		"short": "*****",
	} {
		if got := splits.Mask(account); got != want {
			t.Errorf("Mask(%q) = %q, want %q", account, got, want)
		}
	}
}
