package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"zhitong/cmd/zhitong/demo"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
)

// owner sees to it that the owner of the demo's platform is a person, and makes the link by which a browser on this
// machine is signed in as that person, once. It names localhost: browsers make passkeys for names, not for addresses.
func (d *dev) owner(ctx context.Context, c *demo.Client) (string, error) {
	who, known, err := d.running.People.Known(ctx, demoOwner)
	if err != nil {
		return "", err
	}
	if !known {
		invited, err := c.Invite(ctx, demoOwner, "owner")
		if err != nil {
			return "", err
		}
		_, word, _ := strings.Cut(invited, "/sign-in/invitation/")
		password := rand.Text()
		j, err := d.running.People.Prepare(ctx, demoOwner, secret.New(password), secret.String{}, "",
			vocabulary.Chinese, true)
		if err != nil {
			return "", err
		}
		if err := d.running.Join(ctx, word, j); err != nil {
			return "", fmt.Errorf("make the demo's owner a person: %w", err)
		}
		who, d.state.Demo.OwnerPassword = j.ID, password
		if err := d.state.save(); err != nil {
			return "", err
		}
	}
	path, err := d.running.People.SignInLink(ctx, who)
	return byName(d.apiURL) + path.Reveal(), err
}

// byName is the address with localhost in the place of this machine's number.
func byName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && a.IsLoopback() {
		u.Host = net.JoinHostPort("localhost", u.Port())
	}
	return u.String()
}
