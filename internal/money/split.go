package money

import "slices"

// Share is one claim on an amount: a fixed number of fen, a rate of the whole, or both. Floor and Cap bound the rated
// part, in fen; a zero Cap means none.
type Share struct {
	Fixed Fen
	Rate  BasisPoints
	Floor Fen
	Cap   Fen
}

// Split divides total into one amount per share plus the rest, which belongs to whoever sold.
//
// Rated shares are computed together by largest remainder, so shares of 1/3 each of 1 fen never lose or invent a fen:
// the rates' exact sum, rounded down, is what they receive in all; ties go to the earlier share. Every amount is ≥ 0
// and parts + rest = total, exactly. ErrShares when the parts exceed total, ErrNegative for a negative input.
func Split(total Fen, shares []Share) (parts []Fen, rest Fen, err error) {
	if total < 0 {
		return nil, 0, ErrNegative
	}
	parts = make([]Fen, len(shares))
	if err := rated(total, shares, parts); err != nil {
		return nil, 0, err
	}
	rest = total
	for i, s := range shares {
		p := max(parts[i], s.Floor)
		if s.Cap > 0 {
			p = min(p, s.Cap)
		}
		if p, err = p.Add(s.Fixed); err != nil {
			return nil, 0, err
		}
		parts[i] = p
		if rest -= p; rest < 0 {
			return nil, 0, ErrShares
		}
	}
	return parts, rest, nil
}

// rated fills parts with each share's rate of total by largest remainder.
func rated(total Fen, shares []Share, parts []Fen) error {
	var sum BasisPoints
	for _, s := range shares {
		if s.Rate < 0 || s.Fixed < 0 || s.Floor < 0 || s.Cap < 0 {
			return ErrNegative
		}
		if sum += s.Rate; sum > Whole {
			return ErrShares
		}
	}
	due, err := total.Rate(sum)
	if err != nil {
		return err
	}
	remainders := make([]int64, len(shares))
	order := make([]int, len(shares))
	for i, s := range shares {
		if parts[i], err = total.Rate(s.Rate); err != nil {
			return err
		}
		due -= parts[i]
		// total mod 10000 suffices: (total·rate) mod 10000 = ((total mod 10000)·rate) mod 10000
		remainders[i] = (int64(total) % int64(Whole)) * int64(s.Rate) % int64(Whole)
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(remainders[b] - remainders[a]) })
	for _, i := range order[:due] { // due < len(shares): it is the sum of the fractions cut off
		parts[i]++
	}
	return nil
}
