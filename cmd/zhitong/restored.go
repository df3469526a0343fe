package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/restored"
	"zhitong/db"
)

type restoredCmd struct{}

// Run implements the command.
func (*restoredCmd) Run(ctx context.Context, p program) error {
	config, err := p.load(boot.NeedDatabase)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Config{URL: config.DatabaseURL.Reveal(), MaxConns: 2})
	if err != nil {
		return err
	}
	defer d.Close()
	all, err := restored.Hold(ctx, d)
	w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "TENANT\tPRODUCTS OFF SALE\tCARD KEYS TO CHECK\tORDERS TO ASK ABOUT")
	for _, h := range all {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", h.Tenant, h.Products, h.CardKeys, h.Orders)
	}
	if ferr := w.Flush(); err == nil {
		err = ferr
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, "Nothing is on sale. Start the program; each platform puts a product on sale "+
		"again (PATCH /v1/products/{product_id}) when it knows which of its card keys were not sold.")
	return err
}
