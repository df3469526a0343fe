// Package money is the arithmetic of amounts: integer fen, rates in basis points, and the split of an amount into
// parts.
//
// Nothing here rounds silently and nothing overflows silently: every operation that could is checked and says so.
// Floats do not occur.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Fen is an amount of Chinese yuan in fen (1/100 yuan).
type Fen int64

// Max is the largest amount of one order or payment, in fen: Alipay refuses a total_amount above 100,000,000.00 yuan
// (alipay.trade.create, total_amount).
const Max Fen = 100_000_000_00

// BasisPoints is a rate in hundredths of a percent: 10000 is the whole.
type BasisPoints int32

// Whole is the rate of 100 %.
const Whole BasisPoints = 10_000

// Errors of this package. They are programmer-facing; callers translate them to a fault with a pointer.
var (
	ErrSyntax   = errors.New("money: not an amount of the form 0.00")
	ErrOverflow = errors.New("money: amount out of range")
	ErrNegative = errors.New("money: negative amount or rate")
	ErrShares   = errors.New("money: the parts exceed the whole")
)

// ParseYuan reads a decimal yuan amount exactly as Alipay writes it: one to nine digits, a point, two digits. No sign,
// no space, no exponent, no leading plus; anything else is ErrSyntax.
func ParseYuan(s string) (Fen, error) {
	n := len(s)
	if n < 4 || n > 12 || s[n-3] != '.' {
		return 0, ErrSyntax
	}
	var v int64
	for i := range n {
		if i == n-3 {
			continue
		}
		c := s[i]
		if c < '0' || c > '9' {
			return 0, ErrSyntax
		}
		v = v*10 + int64(c-'0')
	}
	return Fen(v), nil
}

// Yuan writes the amount as Alipay reads it: "88.80". A negative amount carries a leading minus and must not be sent.
func (f Fen) Yuan() string {
	sign := ""
	u := uint64(f)
	if f < 0 {
		sign, u = "-", uint64(-f)
	}
	return fmt.Sprintf("%s%d.%02d", sign, u/100, u%100)
}

// Add returns f + g, or ErrOverflow.
func (f Fen) Add(g Fen) (Fen, error) {
	s := f + g
	if (s > f) != (g > 0) && g != 0 {
		return 0, ErrOverflow
	}
	return s, nil
}

// Times returns f × n for a non-negative amount and count, or ErrNegative, or ErrOverflow when the product exceeds
// math.MaxInt64.
func (f Fen) Times(n int64) (Fen, error) {
	if f < 0 || n < 0 {
		return 0, ErrNegative
	}
	hi, lo := bits.Mul64(uint64(f), uint64(n))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, ErrOverflow
	}
	return Fen(lo), nil
}

// Rate returns the amount's share at r, rounded down to the fen. f and r must not be negative.
func (f Fen) Rate(r BasisPoints) (Fen, error) {
	if f < 0 || r < 0 {
		return 0, ErrNegative
	}
	hi, lo := bits.Mul64(uint64(f), uint64(r))
	if hi >= uint64(Whole) { // the quotient would not fit, and Div64 would panic
		return 0, ErrOverflow
	}
	q, _ := bits.Div64(hi, lo, uint64(Whole))
	if q > math.MaxInt64 {
		return 0, ErrOverflow
	}
	return Fen(q), nil
}
