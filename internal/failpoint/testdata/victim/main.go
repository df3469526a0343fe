// Command victim counts to five and passes a point at each number.
package main

import (
	"fmt"
	"os"

	"zhitong/internal/failpoint"
)

func main() {
	p, err := failpoint.New(os.Args[1])
	if err != nil {
		panic(err)
	}
	for i := range 5 {
		_, _ = fmt.Fprint(os.Stdout, i+1, " ")
		p.Hit("loop")
	}
	_, _ = fmt.Fprint(os.Stdout, "end")
}
