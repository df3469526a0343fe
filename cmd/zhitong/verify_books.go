package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"zhitong/alipay"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/books"
)

// sampleMax bounds how many payments of a tenant one command asks about.
const sampleMax = 100_000

// booksReport is what `zhitong verify --books` writes as JSON.
type booksReport struct {
	Asked       int               `json:"asked"`
	Differences []booksDifference `json:"differences"`
}

type booksDifference struct {
	Tenant  id.Tenant  `json:"tenant_id"`
	Order   id.Order   `json:"order_id"`
	Payment id.Payment `json:"payment_id"`
	Kind    books.Kind `json:"kind"`
	Detail  string     `json:"detail"`
}

// compare asks Alipay about a sample of payments and changes nothing. It ends with code 1 when something differs, or a
// tenant's payments could not be asked about.
func (c *verifyCmd) compare(ctx context.Context, p program) error {
	if c.Sample < 1 || c.Sample > sampleMax {
		return fmt.Errorf("--sample must be from 1 to %d", sampleMax)
	}
	if c.Since <= 0 {
		return errors.New("--since must be a time that has passed, such as 48h")
	}
	var only id.Tenant
	if c.Tenant != "" {
		var err error
		if only, err = id.Parse[id.Tenant](c.Tenant); err != nil {
			return fmt.Errorf("read --tenant: %w", err)
		}
	}
	d, v, err := p.openVault(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	now := clock.System{}
	gateways := tenants.NewGateways(tenants.GatewaysConfig{Pool: zft.NewPool(alipay.Options{Clock: now}), Vault: v,
		Clock: now})
	comparing := books.New(books.Config{DB: d, Gateways: gateways, Clock: now})
	report := booksReport{Differences: []booksDifference{}}
	one := func(ctx context.Context, t id.Tenant) error {
		found, asked, err := comparing.Differences(ctx, t,
			books.Sample{Since: now.Now().Add(-c.Since), Most: c.Sample})
		report.Asked += asked
		for _, f := range found {
			report.Differences = append(report.Differences, booksDifference{t, f.Order, f.Payment, f.Kind, f.Detail})
		}
		if fault.CodeOf(err) == tenants.CodeAlipayConnectionMissing && only.IsZero() {
			return nil // it never had a payment
		}
		return err
	}
	var failed error
	if only.IsZero() {
		_, failed = tenants.Each(ctx, d, tenants.Shard{}, one)
	} else {
		failed = one(ctx, only)
	}
	if err := c.writeBooks(p, report); err != nil {
		return err
	}
	if failed != nil {
		return fmt.Errorf("not all payments could be asked about: %w", failed)
	}
	if len(report.Differences) > 0 {
		return errSilent
	}
	return nil
}

func (c *verifyCmd) writeBooks(p program, report booksReport) error {
	if c.JSON {
		out := json.NewEncoder(p.stdout)
		out.SetIndent("", "  ")
		return out.Encode(report)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
	for _, x := range report.Differences {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", x.Kind, x.Tenant, x.Order, x.Payment, x.Detail)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "%d payments asked about: %d differences\n", report.Asked, len(report.Differences))
	return err
}
