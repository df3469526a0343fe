package main

import (
	"fmt"

	"zhitong/cmd/zhitong/boot"
	"zhitong/internal/secret"
)

type keysetCmd struct {
	Rotate bool `help:"Add a new key to the keyset of ZHITONG_MASTER_KEYSET; what older keys wrapped stays readable."`
}

// Run implements the command. The keyset is what it prints: send it to a file or a secret store, never to a log.
func (c *keysetCmd) Run(p program) error {
	if !c.Rotate {
		keyset, err := secret.GenerateMaster()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, keyset.Reveal())
		return err
	}
	config, err := p.load(boot.NeedKeyset)
	if err != nil {
		return err
	}
	keyset, err := secret.RotateMaster(config.MasterKeyset)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, keyset.Reveal())
	return err
}
