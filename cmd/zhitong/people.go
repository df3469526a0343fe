package main

import (
	"context"
	"fmt"

	"zhitong/cmd/zhitong/boot"
	"zhitong/internal/clock"
	"zhitong/internal/text"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

type peopleCmd struct {
	Recover peopleRecoverCmd `cmd:"" help:"Let somebody in again who has lost everything they sign in with, by a link that works once."`
}

type peopleRecoverCmd struct {
	Email  string `required:"" help:"The person's address."`
	Reason string `required:"" help:"Who asked, and how they were recognised; every platform they are a member of reads it in its audit log."`
}

// Run implements the command. What it prints is the link: hand it to that person by a way that is theirs, never to a
// log.
func (c *peopleRecoverCmd) Run(ctx context.Context, p program) error {
	reason, err := text.Line.Clean(c.Reason)
	if err != nil {
		return fmt.Errorf("--reason %w", err)
	}
	settings, err := boot.Load(p.environment)
	if err != nil {
		return err
	}
	d, v, err := p.openVault(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	who, path, err := access.New(d, v, clock.System{}).RecoverPerson(ctx, people.New(d, v, clock.System{}),
		sessions.New(d, clock.System{}), c.Email, reason)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stderr, "%s: password, passkeys, app and recovery codes are gone, every session has ended; "+
		"the link works once, within %s\n", who, people.ResetFor)
	_, err = fmt.Fprintln(p.stdout, settings.PublicURL+path.Reveal())
	return err
}
