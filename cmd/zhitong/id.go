package main

import (
	"encoding/hex"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"zhitong/internal/id"
)

type idCmd struct {
	ID   string `arg:"" help:"An id as the API writes it (ord_…); with --kind the UUID, or the 32 hexadecimal characters of an out_trade_no."`
	Kind string `help:"What a bare UUID is the id of: order, payment, merchant and so on."`
}

// Run implements the command: an identifier in its three forms, and when it was made.
func (c *idCmd) Run(p program) error {
	kind, u, err := c.read()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "kind\t%s\nid\t%s\nuuid\t%s\nhex\t%s\n", kind.Name, kind.Text(u), u, hex.EncodeToString(u[:]))
	if u.Version() == 7 {
		sec, nsec := u.Time().UnixTime()
		fmt.Fprintf(w, "made\t%s\n", time.Unix(sec, nsec).UTC().Format("2006-01-02T15:04:05.000Z07:00"))
	}
	return w.Flush()
}

func (c *idCmd) read() (id.Kind, uuid.UUID, error) {
	if c.Kind == "" {
		return id.Name(c.ID)
	}
	kind, ok := id.KindOf(c.Kind)
	if !ok {
		var names []string
		for _, k := range id.Kinds() {
			names = append(names, k.Name)
		}
		return id.Kind{}, uuid.UUID{}, fmt.Errorf("--kind is one of: %s", strings.Join(names, ", "))
	}
	u, err := uuid.Parse(c.ID)
	if err != nil {
		return id.Kind{}, uuid.UUID{}, fmt.Errorf("read the UUID: %w", err)
	}
	return kind, u, nil
}
