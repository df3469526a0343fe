package main

import "slices"

// fence is a line that a promise rests on, and the test that must miss it.
type fence struct {
	name        string
	file        string
	old         string // stands in the file exactly once
	replacement string
	pkg         string
	test        string // as for go test -run
}

// fences is the list. Each is the smallest change that takes the fence away and still compiles.
func fences() []fence {
	return slices.Concat(fencesOfSeals(), fencesOfMoney(), fencesOfWalls(), fencesOfNotices(), fencesOfPeople())
}
