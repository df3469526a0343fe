package money_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"regexp"
	"testing"

	"zhitong/internal/money"
)

func TestParseYuan(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]money.Fen{"0.00": 0, "0.01": 1, "88.80": 8880, "100000000.00": money.Max,
		"999999999.99": 99999999999, "00.10": 10} {
		got, err := money.ParseYuan(s)
		if err != nil || got != want {
			t.Errorf("ParseYuan(%q) = %d, %v; want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "1", "1.0", "1.001", " 1.00", "1.00 ", "1e2", "NaN", "+1.00", "-1.00", "1,00", ".00",
		"1000000000.00", "１.00", "0x1.00"} {
		if got, err := money.ParseYuan(s); !errors.Is(err, money.ErrSyntax) {
			t.Errorf("ParseYuan(%q) = %d, %v; want ErrSyntax", s, got, err)
		}
	}
}

func FuzzParseYuan(f *testing.F) {
	form := regexp.MustCompile(`^[0-9]{1,9}\.[0-9]{2}$`)
	f.Add("88.80")
	f.Add("1e2")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := money.ParseYuan(s)
		if (err == nil) != form.MatchString(s) {
			t.Fatalf("ParseYuan(%q) = %d, %v disagrees with the form", s, v, err)
		}
		if err == nil {
			if again, err := money.ParseYuan(v.Yuan()); err != nil || again != v {
				t.Fatalf("%q → %d → %q → %d, %v", s, v, v.Yuan(), again, err)
			}
		}
	})
}

func TestCheckedArithmetic(t *testing.T) {
	t.Parallel()
	if _, err := money.Fen(math.MaxInt64).Add(1); !errors.Is(err, money.ErrOverflow) {
		t.Error("MaxInt64 + 1 must overflow")
	}
	if _, err := money.Fen(math.MinInt64).Add(-1); !errors.Is(err, money.ErrOverflow) {
		t.Error("MinInt64 - 1 must overflow")
	}
	if got, err := money.Fen(5).Add(0); err != nil || got != 5 {
		t.Errorf("5 + 0 = %d, %v", got, err)
	}
	if _, err := money.Fen(9e18).Times(2); !errors.Is(err, money.ErrOverflow) {
		t.Error("9e18 × 2 must overflow")
	}
	if _, err := money.Fen(-1).Times(2); !errors.Is(err, money.ErrNegative) {
		t.Error("a negative price must be refused")
	}
	if got, err := money.Fen(math.MaxInt64).Rate(money.Whole); err != nil || got != math.MaxInt64 {
		t.Errorf("100 %% of MaxInt64 = %d, %v", got, err)
	}
	if _, err := money.Fen(math.MaxInt64).Rate(2 * money.Whole); !errors.Is(err, money.ErrOverflow) {
		t.Error("200 % of MaxInt64 must overflow")
	}
	if _, err := money.Fen(math.MaxInt64).Rate(math.MaxInt32); !errors.Is(err, money.ErrOverflow) {
		t.Error("the largest rate of the largest amount must overflow, not panic")
	}
}

func TestSplitExamples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		total  money.Fen
		shares []money.Share
		parts  []money.Fen
		rest   money.Fen
		err    error
	}{
		{name: "platform 5 percent, rest to the supplier", total: 10000, shares: []money.Share{{Rate: 500}},
			parts: []money.Fen{500}, rest: 9500},
		{name: "the larger remainder gets the fen", total: 101,
			shares: []money.Share{{Rate: 2000}, {Rate: 4000}, {Rate: 4000}}, parts: []money.Fen{20, 41, 40}, rest: 0},
		{name: "one fen", total: 1, shares: []money.Share{{Rate: 3333}, {Rate: 3333}, {Rate: 3334}},
			parts: []money.Fen{0, 0, 1}, rest: 0},
		{name: "nothing", total: 0, shares: []money.Share{{Rate: 500}}, parts: []money.Fen{0}, rest: 0},
		{name: "floor and cap", total: 100, shares: []money.Share{{Rate: 100, Floor: 5}, {Rate: 5000, Cap: 10}},
			parts: []money.Fen{5, 10}, rest: 85},
		{name: "fixed above the whole", total: 100, shares: []money.Share{{Fixed: 101}}, err: money.ErrShares},
		{name: "rates above the whole", total: 100, shares: []money.Share{{Rate: 9000}, {Rate: 1001}},
			err: money.ErrShares},
		{name: "negative total", total: -1, err: money.ErrNegative},
		{name: "negative rate", total: 1, shares: []money.Share{{Rate: -1}}, err: money.ErrNegative},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			parts, rest, err := money.Split(c.total, c.shares)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if err != nil {
				return
			}
			if rest != c.rest {
				t.Errorf("rest %d, want %d", rest, c.rest)
			}
			for i := range c.parts {
				if parts[i] != c.parts[i] {
					t.Errorf("part %d is %d, want %d", i, parts[i], c.parts[i])
				}
			}
		})
	}
}

// TestSplitProperty draws ten million splits. Whatever the input: no part is negative, the sum is exact, and a pure
// rate is never more than one fen from its exact share.
func TestSplitProperty(t *testing.T) {
	t.Parallel()
	cases := 10_000_000
	if raceEnabled {
		cases = 1_000_000 // the race detector makes arithmetic tenfold slower; the full count runs without it
	}
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	shares := make([]money.Share, 0, 4)
	for range cases {
		total := money.Fen(r.Int64N(int64(1) << r.IntN(40)))
		shares = shares[:0]
		left := int32(money.Whole)
		for range r.IntN(5) {
			rate := r.Int32N(left + 1)
			left -= rate
			shares = append(shares, money.Share{Rate: money.BasisPoints(rate)})
		}
		parts, rest, err := money.Split(total, shares)
		if err != nil {
			t.Fatalf("seed %d: Split(%d, %v): %v", seed, total, shares, err)
		}
		sum := rest
		for i, p := range parts {
			exact, _ := total.Rate(shares[i].Rate)
			if p < exact || p > exact+1 {
				t.Fatalf("seed %d: Split(%d, %v) part %d = %d, exact %d", seed, total, shares, i, p, exact)
			}
			sum += p
		}
		if rest < 0 || sum != total {
			t.Fatalf("seed %d: Split(%d, %v) = %v rest %d, sum %d", seed, total, shares, parts, rest, sum)
		}
	}
}
