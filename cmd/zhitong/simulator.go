package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"zhitong/cmd/zhitong/boot"
	"zhitong/simulator"
)

const (
	simulatorHeaderTimeout = 5 * time.Second
	simulatorStopTimeout   = 5 * time.Second
)

type simulatorCmd struct {
	Dir        string        `default:".simulator" help:"Where the state is kept; it survives restarts."`
	Listen     string        `default:"127.0.0.1:8081" help:"Address to listen on."`
	MailListen string        `help:"Address to take mails on, by SMTP without encryption, e.g. 127.0.0.1:1025; empty: none are taken."`
	PublicURL  string        `help:"How programs and buyers reach it; empty: the address that each request came by."`
	TimeScale  float64       `default:"1" help:"Divides the intervals between notification attempts."`
	Window     time.Duration `name:"timestamp-window" help:"How far a request's timestamp may be off, e.g. 15m; 0: as it likes."`
	Seed       uint64        `help:"Makes the random choices of faults repeatable."`
}

// Run implements the command.
func (c *simulatorCmd) Run(ctx context.Context, p program) error {
	config, err := boot.Load(p.environment)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	var mails net.Listener
	if c.MailListen != "" {
		if mails, err = net.Listen("tcp", c.MailListen); err != nil {
			return errors.Join(fmt.Errorf("listen on %s: %w", c.MailListen, err), listener.Close())
		}
	}
	s, err := startSimulator(listener, mails,
		simulator.Config{Dir: c.Dir, PublicURL: c.PublicURL, TimeScale: c.TimeScale, Seed: c.Seed,
			TimestampWindow: c.Window, Logger: config.Logger(p.stderr)})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(p.stdout, "ready: gateway http://%[1]s/gateway.do, desk http://%[1]s/desk\n", listener.Addr())
	if mails != nil {
		fmt.Fprintf(p.stdout, "ready: mail smtp://%s\n", mails.Addr())
	}
	select {
	case <-ctx.Done():
		err = nil
	case err = <-s.failed:
	}
	return errors.Join(err, s.stop())
}

// runningSimulator is a simulator behind a listener of its own.
type runningSimulator struct {
	simulator *simulator.Simulator
	server    *http.Server
	failed    chan error
}

// startSimulator serves a simulator; without mails it takes none.
func startSimulator(l, mails net.Listener, config simulator.Config) (*runningSimulator, error) {
	sim, err := simulator.New(config)
	if err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	log := config.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &runningSimulator{simulator: sim, failed: make(chan error, 2), server: &http.Server{
		Handler: sim.Handler(), ReadHeaderTimeout: simulatorHeaderTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
	go func() {
		if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve the simulator: %w", err)
		}
	}()
	if mails != nil {
		go func() {
			if err := sim.ServeMail(mails); err != nil {
				s.failed <- err
			}
		}()
	}
	return s, nil
}

// stop drains the requests and closes the storage.
func (s *runningSimulator) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), simulatorStopTimeout)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = s.server.Close()
	}
	return errors.Join(err, s.simulator.Close())
}
